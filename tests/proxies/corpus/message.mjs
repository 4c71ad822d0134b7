// The bytes of requests, and what may come of one.

import { HOST } from "../../support/bearers.mjs";

export { HOST };

export const CRLF = "\r\n";

// A request's bytes. `target` and header values are latin1 text: one character, one byte.
export function request({ method = "GET", target = "/public/items", headers = [], body = "", version = "HTTP/1.1" }) {
  const framing = body === "" ? [] : [["Content-Length", `${Buffer.byteLength(body, "latin1")}`]];
  const lines = [["Host", HOST], ...headers, ...framing, ["Connection", "close"]];
  const head = [`${method} ${target} ${version}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.from(head.join(CRLF) + CRLF + CRLF + body, "latin1");
}

export function bytes(...lines) {
  return Buffer.from(lines.join(CRLF), "latin1");
}

export function bearer({ token }) {
  return ["Authorization", `Bearer ${token}`];
}

export const REFUSED = { outcome: "refused" };
export const ALLOWED = { outcome: "allowed" };
export const EITHER = { outcome: "either" };
