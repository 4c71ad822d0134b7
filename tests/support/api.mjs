// A client of the Worker's HTTP surface: one method for each thing that callers do, no opinion about the answers.

export const TOKEN_PATTERN = /tka_[0-9A-Za-z]{76}/;

const IDENTITIES = "/api/v1/identities";
const TOKEN_AUTH = "/api/v1/auth/token-auth";

// An answer as a value: its body is parsed where it is JSON, and text where it is not.
export class Answer {
  constructor(status, headers, text) {
    this.status = status;
    this.headers = headers;
    this.text = text;
    this.body = parseJson(text) ?? text;
  }
}

function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export class Api {
  // `url` is where the Worker listens; `onAnswer` sees every request with its answer.
  constructor(url, onAnswer = () => {}) {
    this.url = new URL(url);
    this.onAnswer = onAnswer;
  }

  // Sends a request. `bearer` is a token or a secret, `from` the client's address, `json` a body.
  // `basic` is a client id and a client secret, `form` a body of parameters.
  async call(method, path, { bearer, basic, from, json, form, body, headers = {} } = {}) {
    const sent = { ...headers };
    if (bearer !== undefined) sent.authorization = `Bearer ${bearer}`;
    // In production the edge network sets this header; locally nobody does, so a client may.
    if (from !== undefined) sent["cf-connecting-ip"] = from;
    if (basic !== undefined) sent.authorization = `Basic ${btoa(`${basic.clientId}:${basic.clientSecret}`)}`;
    if (form !== undefined) {
      sent["content-type"] = "application/x-www-form-urlencoded";
      body = `${new URLSearchParams(form)}`;
    }
    if (json !== undefined) sent["content-type"] = "application/json";
    const request = { method, path, headers: sent, body: json === undefined ? body : JSON.stringify(json) };
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: sent,
      body: request.body,
      redirect: "manual",
      // Longer than any deadline of the Worker: a request that hangs fails the test instead of stopping it.
      signal: AbortSignal.timeout(30_000),
    });
    const answer = new Answer(response.status, response.headers, await response.text());
    this.onAnswer(request, answer);
    return answer;
  }

  bootstrap(authSecret, organization) {
    return this.call("POST", "/api/v1/admin/bootstrap", { bearer: authSecret, json: { organization } });
  }

  createIdentity(bearer, json) {
    return this.call("POST", IDENTITIES, { bearer, json });
  }

  deleteIdentity(bearer, identity) {
    return this.call("DELETE", `${IDENTITIES}/${identity}`, { bearer });
  }

  attachTokenAuth(bearer, identity, json) {
    return this.call("POST", `${TOKEN_AUTH}/identities/${identity}`, { bearer, json });
  }

  updateTokenAuth(bearer, identity, json) {
    return this.call("PATCH", `${TOKEN_AUTH}/identities/${identity}`, { bearer, json });
  }

  deleteTokenAuth(bearer, identity) {
    return this.call("DELETE", `${TOKEN_AUTH}/identities/${identity}`, { bearer });
  }

  createToken(bearer, identity, json = {}) {
    return this.call("POST", `${TOKEN_AUTH}/identities/${identity}/tokens`, { bearer, json });
  }

  listTokens(bearer, identity, query = "") {
    return this.call("GET", `${TOKEN_AUTH}/identities/${identity}/tokens${query}`, { bearer });
  }

  getToken(bearer, token) {
    return this.call("GET", `${TOKEN_AUTH}/tokens/${token}`, { bearer });
  }

  revokeToken(bearer, token) {
    return this.call("POST", `${TOKEN_AUTH}/tokens/${token}/revoke`, { bearer });
  }

  renew(accessToken) {
    return this.call("POST", "/api/v1/auth/token/renew", { json: { accessToken } });
  }

  revokeOwn(accessToken) {
    return this.call("POST", "/api/v1/auth/token/revoke", { json: { accessToken } });
  }

  // `credentials` are { bearer } or { basic }, and `from` where they come from.
  introspect(token, credentials = {}, parameters = {}) {
    return this.call("POST", "/oauth2/introspect", { ...credentials, form: { token, ...parameters } });
  }

  revokeByOAuth(token, credentials = {}, parameters = {}) {
    return this.call("POST", "/oauth2/revoke", { ...credentials, form: { token, ...parameters } });
  }

  logIn(clientId, clientSecret, from) {
    return this.call("POST", "/api/v1/auth/universal-auth/login", { from, json: { clientId, clientSecret } });
  }

  validate(accessToken, from) {
    return this.call("GET", "/validate", { bearer: accessToken, from });
  }
}
