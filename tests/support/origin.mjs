// The origin behind a proxy or the gateway: it answers, and remembers exactly what it saw.

import { createHash } from "node:crypto";
import { createServer } from "node:http";

export class Origin {
  #seen = [];
  #server;

  // `answer` gets node's request and response once the whole request is there; `begin` instead gets them as soon as its
  // head is. Without either everything is answered with "origin". `upgrade` and `connect` get what node's events of these
  // names bring, and what was seen.
  static async start({ answer = (_, response) => response.end("origin"), begin, upgrade, connect } = {}) {
    const origin = new Origin();
    // Larger than what anybody in front lets through: nothing that got here is refused here.
    origin.#server = createServer({ maxHeaderSize: 256 * 1024 }, (request, response) => {
      const seen = origin.#note(request);
      if (begin) return void begin(request, response, seen);
      const hash = createHash("sha256");
      request.on("data", (chunk) => {
        hash.update(chunk);
        seen.length += chunk.length;
      });
      request.on("end", () => {
        seen.digest = hash.digest("hex");
        answer(request, response, seen);
      });
    });
    if (upgrade) {
      origin.#server.on("upgrade", (request, socket, head) => {
        upgrade(request, socket, head, origin.#note(request));
      });
    }
    if (connect) {
      origin.#server.on("connect", (request, socket, head) => {
        connect(request, socket, head, origin.#note(request));
      });
    }
    await new Promise((resolve) => origin.#server.listen(0, "127.0.0.1", resolve));
    return origin;
  }

  // Speaks HTTP over a connection that has been something else until now.
  adopt(socket) {
    this.#server.emit("connection", socket);
  }

  // Remembers a request that came in another way.
  note(seen) {
    this.#seen.push(seen);
  }

  #note(request) {
    const headers = [];
    for (let index = 0; index < request.rawHeaders.length; index += 2) {
      headers.push([request.rawHeaders[index].toLowerCase(), request.rawHeaders[index + 1]]);
    }
    const seen = { method: request.method, target: request.url, headers, length: 0 };
    this.#seen.push(seen);
    return seen;
  }

  get port() {
    return this.#server.address().port;
  }

  // As a route names it.
  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  // Every request since the last `take`.
  take() {
    return this.#seen.splice(0);
  }

  stop() {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    return closed;
  }
}

// The value of a header of what the origin saw; it must not be there more than once.
export function headerOf(seen, name) {
  const values = seen.headers.filter(([present]) => present === name).map(([, value]) => value);
  if (values.length > 1) throw new Error(`${name} is there ${values.length} times`);
  return values[0];
}
