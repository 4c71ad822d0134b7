// The origin behind a proxy: it answers everything, and remembers exactly what it saw.

import { createServer } from "node:http";

export class Origin {
  #seen = [];
  #server;

  static async start() {
    const origin = new Origin();
    // Larger than what any proxy lets through: nothing that passed a proxy is refused here.
    origin.#server = createServer({ maxHeaderSize: 256 * 1024 }, (request, response) => {
      const headers = [];
      for (let index = 0; index < request.rawHeaders.length; index += 2) {
        headers.push([request.rawHeaders[index].toLowerCase(), request.rawHeaders[index + 1]]);
      }
      origin.#seen.push({ method: request.method, target: request.url, headers });
      request.resume();
      request.on("end", () => response.end("origin"));
    });
    await new Promise((resolve) => origin.#server.listen(0, "127.0.0.1", resolve));
    return origin;
  }

  get port() {
    return this.#server.address().port;
  }

  // Every request since the last `take`.
  take() {
    return this.#seen.splice(0);
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
