// An origin that becomes whatever it is asked to become: a WebSocket, HTTP/2 (h2c), TLS, a tunnel to anywhere. What is said
// inside is a request like any other to it, and remembered with the name of the tunnel.

import { readFile } from "node:fs/promises";
import { performServerHandshake } from "node:http2";
import path from "node:path";
import { TLSSocket } from "node:tls";

import { WebSocketServer } from "ws";

import { Origin } from "../../support/origin.mjs";

export class WillingOrigin {
  #origin;
  #certificate;
  #tunnels = [];
  // Connections that have become something: the server itself does not know them any more.
  #sockets = new Set();
  #webSockets = new WebSocketServer({ noServer: true });

  // `folder` has the certificate with which TLS is spoken.
  static async start(folder) {
    const willing = new WillingOrigin();
    const [key, cert] = await Promise.all(["key.pem", "certificate.pem"].map((name) => readFile(path.join(folder, name))));
    willing.#certificate = { key, cert };
    willing.#origin = await Origin.start({
      answer: (request, response, seen) => {
        seen.tunnel = request.socket.tunnel;
        response.end(seen.tunnel === undefined ? "origin" : `inside ${seen.tunnel}`);
      },
      upgrade: (request, socket, head) => willing.#become(request, socket, head),
      connect: (request, socket, head) => willing.#connect(socket, head),
    });
    willing.#webSockets.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on("error", () => {});
    });
    return willing;
  }

  get port() {
    return this.#origin.port;
  }

  // Every request since the last `take`, those inside of tunnels too, and the tunnels that were agreed to.
  take() {
    return { requests: this.#origin.take(), tunnels: this.#tunnels.splice(0) };
  }

  stop() {
    for (const socket of this.#sockets) socket.destroy();
    return this.#origin.stop();
  }

  #become(request, socket, head) {
    this.#keep(socket);
    const asked = (request.headers.upgrade ?? "").split(",").map((name) => name.trim());
    const isHandshake = request.method === "GET" && request.headers["sec-websocket-version"] === "13";
    const name = asked.find((one) => /^(h2c|tls\/)/i.test(one)) ?? asked[0];
    if (/^websocket$/i.test(name)) {
      // A server that finds fault with a handshake goes on speaking HTTP.
      if (!isHandshake || !request.headers["sec-websocket-key"]) {
        return this.#speakHttp(socket, head, "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", "refused websocket");
      }
      this.#tunnels.push(name);
      return this.#webSockets.handleUpgrade(request, socket, head, (accepted) =>
        this.#webSockets.emit("connection", accepted, request),
      );
    }
    this.#tunnels.push(name);
    const switching = `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${name}\r\n\r\n`;
    if (/^h2c$/i.test(name)) return this.#speakHttp2(socket, head, switching);
    if (/^tls\//i.test(name)) return this.#speakTls(socket, head, switching);
    return this.#speakHttp(socket, head, switching, name);
  }

  #connect(socket, head) {
    this.#keep(socket);
    this.#tunnels.push("CONNECT");
    this.#speakHttp(socket, head, "HTTP/1.1 200 OK\r\n\r\n", "CONNECT");
  }

  #keep(socket) {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #speakHttp(socket, head, beginning, tunnel) {
    socket.on("error", () => {});
    socket.write(beginning);
    socket.tunnel = tunnel;
    if (head.length > 0) socket.unshift(head);
    this.#origin.adopt(socket);
  }

  #speakHttp2(socket, head, beginning) {
    socket.on("error", () => {});
    socket.write(beginning);
    if (head.length > 0) socket.unshift(head);
    const session = performServerHandshake(socket);
    session.on("error", () => {});
    session.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      const others = Object.entries(headers).filter(([name]) => !name.startsWith(":"));
      this.#origin.note({ method: headers[":method"], target: headers[":path"], headers: others, tunnel: "h2c", length: 0 });
      stream.respond({ ":status": 200 });
      stream.end("inside h2c");
    });
  }

  #speakTls(socket, head, beginning) {
    socket.on("error", () => {});
    socket.write(beginning);
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, { isServer: true, ...this.#certificate });
    secure.on("error", () => {});
    secure.tunnel = "TLS/1.0";
    this.#origin.adopt(secure);
  }
}
