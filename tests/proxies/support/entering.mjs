// Sends a request that asks for a tunnel, and then speaks whatever its connection has become.

import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

// What nobody would allow, and nobody is asked about inside of a tunnel.
const HIDDEN = "/secret";
const FORGED = { "token-auth-identity-id": "evil", "token-auth-role": "admin" };
// How long nothing is said by whoever says nothing; how long an answer may take that should come.
const SILENCE = 200;
const PATIENCE = 10_000;

// What came of it: the status (null for none), the protocol of a 101, and what was said inside, if anybody answered there.
export function enter(port, bytes, host) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const finish = (outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ status: null, timeout: true }), PATIENCE);
    const closed = () => finish({ status: statusOf(text) });
    socket.on("error", closed);
    socket.on("close", closed);
    socket.on("connect", () => socket.write(bytes));
    const onData = (chunk) => {
      text += chunk.toString("latin1");
      // Interim answers come before the one that counts.
      text = text.replace(/^(HTTP\/1\.[01] 1(?!01)\d\d [^\r]*\r\n([^\r]+\r\n)*\r\n)+/, "");
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) return;
      for (const event of ["data", "error", "close"]) socket.removeAllListeners(event);
      const status = statusOf(text);
      const protocol = status === 101 ? /\r\nupgrade: *([^\r]*)/i.exec(text)?.[1] : undefined;
      const rest = Buffer.from(text.slice(end + 4), "latin1");
      speak(socket, protocol, rest, host).then((said) => finish({ status, protocol, said }));
    };
    socket.on("data", onData);
  });
}

function statusOf(text) {
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  return status === undefined ? null : Number(status);
}

function speak(socket, protocol, rest, host) {
  if (/^websocket$/i.test(protocol)) return sayToWebSocket(socket, rest);
  if (/^h2c$/i.test(protocol)) return askInHttp2(socket, rest, host);
  if (/^tls\//i.test(protocol)) {
    if (rest.length > 0) socket.unshift(rest);
    return askInHttp(connectTls({ socket, rejectUnauthorized: false }), host, PATIENCE / 4);
  }
  return askInHttp(socket, host);
}

// A text frame, masked (RFC 6455 §5), and what comes back.
function sayToWebSocket(socket, rest) {
  const mask = [1, 2, 3, 4];
  const payload = [...Buffer.from("hello")].map((byte, index) => byte ^ mask[index % 4]);
  socket.write(Buffer.from([0x81, 0x80 | payload.length, ...mask, ...payload]));
  return listen(socket, (heard) => heard.includes("hello"), { rest, within: PATIENCE / 4 });
}

function askInHttp(socket, host, within = SILENCE) {
  const forged = Object.entries(FORGED).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${HIDDEN} HTTP/1.1\r\nHost: ${host}\r\n${forged.join("")}Connection: close\r\n\r\n`);
  return listen(socket, (heard) => /HTTP\/1\.[01] \d{3} [^]*\r\n\r\n/.test(heard), { within });
}

function askInHttp2(socket, rest, host) {
  if (rest.length > 0) socket.unshift(rest);
  const session = connectHttp2(`http://${host}`, { createConnection: () => socket });
  return askIn(session, { ":path": HIDDEN, ...FORGED });
}

// What a request of an HTTP/2 session gets for an answer: status and text; undefined for none.
export function askIn(session, headers) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => finish(undefined), PATIENCE / 5);
    const finish = (heard) => {
      clearTimeout(timer);
      session.destroy();
      resolve(heard);
    };
    session.on("error", () => finish(undefined));
    session.on("close", () => finish(undefined));
    const stream = session.request(headers);
    let [status, text] = [undefined, ""];
    stream.on("error", () => finish(undefined));
    stream.on("response", (answer) => (status = answer[":status"]));
    stream.setEncoding("utf8").on("data", (chunk) => (text += chunk));
    stream.on("close", () => finish(status === undefined ? undefined : `${status} ${text}`));
  });
}

// What is heard until it is enough, silent or over.
function listen(socket, isEnough, { rest = Buffer.alloc(0), within }) {
  return new Promise((resolve) => {
    let heard = rest.toString("latin1");
    const timer = setTimeout(() => resolve(heard), within);
    const finish = () => {
      clearTimeout(timer);
      resolve(heard);
    };
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
      if (isEnough(heard)) finish();
    });
    for (const event of ["error", "close", "end"]) socket.on(event, finish);
  });
}
