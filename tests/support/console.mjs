// A browser in the console: it keeps the cookie, and sends what the page and the browser send with each request.

import { sendRaw } from "./raw.mjs";

export const COOKIE = "token-auth-console";

export class Browser {
  // The cookie's value; undefined when there is none.
  cookie;

  constructor(api, from = "127.0.0.1") {
    this.api = api;
    this.from = from;
  }

  // What the page's own requests carry. `headers` override them; one that is undefined is left away.
  headers(headers = {}) {
    const all = {
      "token-auth-console": "1",
      origin: this.api.url.origin,
      "sec-fetch-site": "same-origin",
      "sec-fetch-mode": "cors",
      ...(this.from === undefined ? {} : { "cf-connecting-ip": this.from }),
      ...(this.cookie === undefined ? {} : { cookie: `${COOKIE}=${this.cookie}` }),
      ...headers,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  // Sends a request of the page, and keeps the cookie that the answer sets.
  async call(method, path, { json, headers } = {}) {
    const sent = this.headers({ ...(json === undefined ? {} : { "content-type": "application/json" }), ...headers });
    const answer = await sendRaw(this.api.url, {
      method,
      path,
      headers: sent,
      body: json === undefined ? undefined : JSON.stringify(json),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair] = cookie.split(";");
      const [name, value] = pair.split("=");
      if (name === COOKIE) this.cookie = value === "" ? undefined : value;
    }
    return answer;
  }

  signIn(accessToken, options = {}) {
    return this.call("POST", "/api/v1/console/sessions", { json: { accessToken }, ...options });
  }

  session(options) {
    return this.call("GET", "/api/v1/console/session", options);
  }

  identities(organization, options) {
    return this.call("GET", `/api/v1/identities?orgId=${organization}`, options);
  }
}
