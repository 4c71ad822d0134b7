// Messages byte by byte: an origin that remembers the bytes of each request and answers with given ones, and a client that
// keeps the bytes of the answer.

import { connect, createServer } from "node:net";

export class Recorder {
  #requests = [];
  #server;
  // The bytes of the next answers, latin1: one character, one byte.
  answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  static async start() {
    const recorder = new Recorder();
    recorder.#server = createServer((socket) => {
      let bytes = "";
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        bytes += chunk.toString("latin1");
        const { message, length } = read(bytes, {});
        if (!message) return;
        recorder.#requests.push(message);
        bytes = bytes.slice(length);
        const text = Buffer.from(recorder.answer, "latin1");
        // An answer whose length nobody can know ends with its connection.
        if (/\r\n(content-length|transfer-encoding):|^HTTP\/1\.\d (204|304) /i.test(recorder.answer)) socket.write(text);
        else socket.end(text);
      });
    });
    await new Promise((resolve) => recorder.#server.listen(0, "127.0.0.1", resolve));
    return recorder;
  }

  get port() {
    return this.#server.address().port;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  // Every request since the last `take`.
  take() {
    return this.#requests.splice(0);
  }

  stop() {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

// Sends bytes and reads one answer to its end.
export function exchange(port, bytes, { within = 10_000 } = {}) {
  const isHead = bytes.startsWith("HEAD ");
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    const timer = setTimeout(() => finish(new Error(`no answer within ${within} ms: ${JSON.stringify(text)}`)), within);
    const finish = (error, message) => {
      clearTimeout(timer);
      socket.destroy();
      if (error) reject(error);
      else resolve(message);
    };
    socket.on("connect", () => socket.write(Buffer.from(bytes, "latin1")));
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      const { message } = readAnswer(text, isHead, false);
      if (message) finish(undefined, message);
    });
    socket.on("error", (error) => finish(error));
    socket.on("close", () => {
      const { message } = readAnswer(text, isHead, true);
      finish(message ? undefined : new Error(`no whole answer: ${JSON.stringify(text)}`), message);
    });
  });
}

// An answer, behind its interim ones (RFC 9110 §15.2).
function readAnswer(text, isHead, isClosed) {
  const interim = [];
  for (;;) {
    const status = /^HTTP\/1\.\d (\d{3})/.exec(text)?.[1];
    const end = text.indexOf("\r\n\r\n");
    if (status === undefined || end < 0) return {};
    if (!status.startsWith("1") || status === "101") {
      const { message } = read(text, { withoutBody: isHead || ["101", "204", "304"].includes(status), isClosed, isAnswer: true });
      return { message: message && { ...message, interim, status: Number(status) } };
    }
    interim.push(Number(status));
    text = text.slice(end + 4);
  }
}

// The message that a text begins with, if it is whole: its first line, its header lines as they stand there, its body
// without its framing, and how that is framed.
function read(text, { withoutBody = false, isClosed = false, isAnswer = false }) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return {};
  const [line, ...headerLines] = text.slice(0, end).split("\r\n");
  const headers = headerLines.map((header) => {
    const colon = header.indexOf(":");
    return [header.slice(0, colon), header.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
  });
  const value = (name) => headers.find(([present]) => present.toLowerCase() === name)?.[1];
  const start = end + 4;
  const whole = (body, framing, length, trailers = []) => ({ message: { line, headers, body, framing, trailers }, length });
  if (withoutBody) return whole("", "none", start);
  if (value("transfer-encoding") !== undefined) {
    const chunks = readChunks(text.slice(start));
    return chunks ? whole(chunks.body, `chunks of ${chunks.sizes}`, start + chunks.length, chunks.trailers) : {};
  }
  if (value("content-length") !== undefined) {
    const length = Number(value("content-length"));
    return text.length >= start + length ? whole(text.slice(start, start + length), "length", start + length) : {};
  }
  if (!isAnswer) return whole("", "none", start);
  return isClosed ? whole(text.slice(start), "close", text.length) : {};
}

function readChunks(text) {
  const sizes = [];
  let [body, at] = ["", 0];
  for (;;) {
    const end = text.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const head = text.slice(at, end);
    const size = parseInt(head, 16);
    if (size === 0) {
      const finish = text.startsWith("\r\n", end + 2) ? end + 2 : text.indexOf("\r\n\r\n", end);
      if (finish < 0 || text.length < finish + 2) return undefined;
      const trailers = text.slice(end + 2, finish).split("\r\n").filter((line) => line !== "");
      return { body, sizes: sizes.join(), trailers, length: finish === end + 2 ? finish + 2 : finish + 4 };
    }
    if (text.length < end + 4 + size) return undefined;
    sizes.push(head.includes(";") ? `${size} with an extension` : size);
    body += text.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
