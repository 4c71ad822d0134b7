// Requests as bytes: nothing is normalised, completed or refused on this side.

import { connect } from "node:net";

// Sends bytes to a port of this machine and reads one answer. A connection that is closed without one has status null.
export function send(port, bytes, { within = 20_000 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const received = [];
    const timer = setTimeout(() => finish(new Error(`no answer within ${within} ms`)), within);
    const finish = (error) => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(parse(Buffer.concat(received).toString("latin1")));
    };
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      received.push(chunk);
      if (isComplete(Buffer.concat(received).toString("latin1"))) finish();
    });
    // A proxy that refuses early closes while more is being sent; what it has answered counts.
    socket.on("error", () => finish());
    socket.on("close", () => finish());
  });
}

function isComplete(text) {
  const { status, headers, body } = parse(text);
  if (status === null) return false;
  const length = headers.find(([name]) => name === "content-length")?.[1];
  return length !== undefined && body.length >= Number(length);
}

function parse(everything) {
  // Interim answers (RFC 9110 §15.2) come before the one that counts.
  const text = everything.replace(/^(HTTP\/1\.[01] 1\d\d [^\r]*\r\n([^\r]+\r\n)*\r\n)+/, "");
  const end = text.indexOf("\r\n\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (end < 0 || status === undefined) return { status: null, headers: [], body: "" };
  return { status: Number(status), headers: headerLines(text.slice(0, end)), body: text.slice(end + 4) };
}

// The header lines of a message's head, names in lower case.
export function headerLines(head) {
  return head
    .split("\r\n")
    .slice(1)
    .map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]);
}
