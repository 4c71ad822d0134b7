// TLS in front of the Worker, as a network has it, and the place where questions are seen before anybody reads them.

import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import path from "node:path";
import { createServer } from "node:tls";
import { promisify } from "node:util";

import { headerLines } from "../../support/wire.mjs";

// The name of the Worker; every machine resolves it.
export const HOST = "localhost";

// Passes bytes on to the Worker at `url`, unchanged, and remembers the head of each request.
export class Front {
  // Every question since the last `take`: method, target, header lines and body.
  #questions = [];
  // Every answer since then: the status, the whole text, and the question it answers.
  #verdicts = [];
  #server;

  // `alter` gets the text of each answer and returns what the proxy reads.
  static async start(url, folder, { alter = (text) => text } = {}) {
    const front = new Front();
    front.certificate = path.join(folder, "certificate.pem");
    const key = path.join(folder, "key.pem");
    await makeCertificate(key, front.certificate);
    const secrets = { key: await readFile(key), cert: await readFile(front.certificate) };
    front.#server = createServer(secrets, (socket) => front.#pass(socket, url, alter));
    await new Promise((resolve) => front.#server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  get port() {
    return this.#server.address().port;
  }

  take() {
    return { questions: this.#questions.splice(0), verdicts: this.#verdicts.splice(0) };
  }

  stop() {
    this.#server.close();
  }

  #pass(socket, url, alter) {
    const worker = connect(Number(url.port), url.hostname);
    const open = [];
    let unread = "";
    socket.on("data", (chunk) => {
      unread += chunk.toString("latin1");
      for (let question; (question = readQuestion(unread)); unread = unread.slice(question.size)) {
        this.#questions.push(question);
        open.push(question);
      }
    });
    worker.on("data", (chunk) => {
      // One answer comes in one piece: it is small, and the questions of a connection follow one another.
      const text = chunk.toString("latin1");
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      if (status !== undefined) this.#verdicts.push({ status: Number(status), text, question: open.shift() });
      socket.write(alter(text), "latin1");
    });
    worker.on("end", () => socket.end());
    socket.pipe(worker);
    for (const [one, other] of [
      [socket, worker],
      [worker, socket],
    ]) {
      one.on("error", () => other.destroy());
    }
  }
}

// The first request in `text`, and how many characters it takes; nothing while some of it is missing.
function readQuestion(text) {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [method, target] = text.slice(0, end).split(" ");
  const headers = headerLines(text.slice(0, end));
  const start = end + 4;
  const size = start + Number(headers.find(([name]) => name === "content-length")?.[1] ?? 0);
  return text.length < size ? undefined : { method, target, headers, body: text.slice(start, size), size };
}

// A certificate for `HOST` that is its own authority.
export async function makeCertificate(key, certificate) {
  const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", `/CN=${HOST}`, "-addext", `subjectAltName=DNS:${HOST}`];
  await promisify(execFile)("openssl", [...make, ...names, "-keyout", key, "-out", certificate]);
}
