// A client that is not written in JavaScript: a process that reads calls and writes outcomes, one line of JSON each.

import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

export const CLIENTS = fileURLToPath(new URL("../../../.tools/clients/", import.meta.url));
export const SOURCES = fileURLToPath(new URL("..", import.meta.url));

export class LineClient {
  #process;
  #lines;
  #complaints = "";

  // Starts a program of .tools/clients and ends it after the tests of the file.
  constructor(program, ...parameters) {
    this.#process = spawn(path.join(CLIENTS, program), parameters, {
      // Nothing of the caller's environment: no proxy, no credentials of Infisical's that the clients would pick up.
      env: { PATH: process.env.PATH },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text) => (this.#complaints += text));
    this.#process.once("error", (error) => (this.#complaints += error.message));
    this.#process.stdin.on("error", (error) => (this.#complaints += error.message));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    after(() => this.#process.stdin.end());
  }

  // Sends one call and returns its outcome: `done` with what the client showed, or `refused`.
  async call(call) {
    this.#process.stdin.write(`${JSON.stringify(call)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`the client ended instead of answering ${call.call ?? "a login"}:\n${this.#complaints}`);
    return JSON.parse(value);
  }
}
