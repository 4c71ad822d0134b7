// Requests that a well-behaved client would not send.

import { request } from "node:http";

import { Answer } from "./api.mjs";

// Sends the request as it is: the path is not normalised, the text of headers becomes bytes one by one. `body` may be a
// text, bytes, or an array of parts, which are sent chunked and without a length; `open` leaves the body unfinished.
// Rejects when there is no answer in time.
export function sendRaw(url, { method = "GET", path = "/", headers = {}, body, open = false, within = 30_000 }) {
  return new Promise((resolve, reject) => {
    // Headers as a flat list may repeat a name.
    const list = Array.isArray(headers) ? headers.flat() : Object.entries(headers).flat();
    const names = Array.isArray(headers) ? [] : Object.keys(headers).map((name) => name.toLowerCase());
    const host = names.includes("host") ? [] : ["host", url.host];
    const sent = request(url, { method, path, headers: [...host, ...list], setHost: false, agent: false });
    const timer = setTimeout(() => sent.destroy(new Error(`${method} ${path}: no answer within ${within} ms`)), within);
    sent.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk) => (text += chunk));
      response.on("end", () => {
        clearTimeout(timer);
        sent.destroy();
        resolve(new Answer(response.statusCode, new Headers(clean(response.headers)), text));
      });
    });
    sent.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    for (const part of Array.isArray(body) ? body : []) sent.write(part);
    if (open) sent.flushHeaders();
    else sent.end(Array.isArray(body) ? undefined : body);
  });
}

function clean(headers) {
  return Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));
}
