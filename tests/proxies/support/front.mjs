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
  // Every question since the last `take`: method, target and header lines.
  #questions = [];
  // Every answer since then: the status, and the token that was asked about.
  #verdicts = [];
  #server;

  static async start(url, folder) {
    const front = new Front();
    front.certificate = path.join(folder, "certificate.pem");
    const key = path.join(folder, "key.pem");
    await makeCertificate(key, front.certificate);
    const secrets = { key: await readFile(key), cert: await readFile(front.certificate) };
    front.#server = createServer(secrets, (socket) => front.#pass(socket, url));
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

  #pass(socket, url) {
    const worker = connect(Number(url.port), url.hostname);
    const tokens = [];
    let unread = "";
    socket.on("data", (chunk) => {
      unread += chunk.toString("latin1");
      for (let end; (end = unread.indexOf("\r\n\r\n")) >= 0; unread = unread.slice(end + 4)) {
        const head = unread.slice(0, end);
        const [method, target] = head.split(" ");
        const headers = headerLines(head);
        this.#questions.push({ method, target, headers });
        tokens.push(headers.find(([name]) => name === "authorization")?.[1].split(/ +/)[1]);
      }
    });
    worker.on("data", (chunk) => {
      // One answer comes in one piece: its head is small, and the questions of a connection follow one another.
      const status = /^HTTP\/1\.1 (\d{3})/.exec(chunk.toString("latin1"))?.[1];
      if (status !== undefined) this.#verdicts.push({ status: Number(status), token: tokens.shift() });
    });
    socket.pipe(worker).pipe(socket);
    for (const [one, other] of [
      [socket, worker],
      [worker, socket],
    ]) {
      one.on("error", () => other.destroy());
    }
  }
}

// A certificate for `HOST` that is its own authority.
export async function makeCertificate(key, certificate) {
  const make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
  const names = ["-subj", `/CN=${HOST}`, "-addext", `subjectAltName=DNS:${HOST}`];
  await promisify(execFile)("openssl", [...make, ...names, "-keyout", key, "-out", certificate]);
}
