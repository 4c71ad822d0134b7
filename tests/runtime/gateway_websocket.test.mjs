// WebSockets through a route that allows them.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import WebSocket, { WebSocketServer } from "ws";

import { claimsOf } from "../support/assertion.mjs";
import { CLIENT, GatewayWorld, HOST, IDENTITY } from "../support/gateway_world.mjs";
import { granted } from "../support/installation.mjs";
import { headerOf } from "../support/origin.mjs";
import { eventually } from "../support/waiting.mjs";

// An origin that says everything back.
const server = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] });
const closed = [];
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("close", (code, reason) => closed.push([code, reason.toString()]));
});
const upgrade = (request, socket, head) => {
  if (request.url === "/refused") return void socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
  server.handleUpgrade(request, socket, head, (accepted) => server.emit("connection", accepted, request));
};
const world = await GatewayWorld.start({ origin: { upgrade }, route: { webSocket: true } });
const url = new URL("/socket?a=b", world.worker.main.url.href.replace("http", "ws"));

function connectAs(token, { path = url, protocols = [], headers = {} } = {}) {
  const all = { host: HOST, authorization: `Bearer ${token}`, "cf-connecting-ip": CLIENT, ...headers };
  return new WebSocket(path, protocols, { headers: all });
}

function opened(socket) {
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(socket));
    socket.on("unexpected-response", (_, response) => reject(Object.assign(new Error("refused"), { status: response.statusCode })));
    socket.on("error", reject);
  });
}

function next(socket) {
  return new Promise((resolve) => socket.once("message", (data, isBinary) => resolve([data, isBinary])));
}

test("the handshake carries the identity and consumes one use; messages go both ways unchanged", async () => {
  const member = await world.addMember();
  const forged = { "token-auth-role": "admin", token_auth_role: "admin", "x-forwarded-for": "192.0.2.1" };
  const socket = await opened(connectAs(member.token, { protocols: ["chat", "other"], headers: forged }));
  assert.equal(socket.protocol, "chat");
  for (const text of ["hello", "", "\u{1f511}".repeat(1_000), "x".repeat(100_000)]) {
    const answer = next(socket);
    socket.send(text);
    assert.equal((await answer)[0].toString(), text);
  }
  const binary = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
  const answer = next(socket);
  socket.send(binary);
  const [data, isBinary] = await answer;
  assert.ok(isBinary);
  assert.equal(createHash("sha256").update(data).digest("hex"), createHash("sha256").update(binary).digest("hex"));
  closed.length = 0;
  socket.close(4001, "enough");
  await eventually("the end at the origin", () => closed.length > 0);
  assert.deepEqual(closed, [[4001, "enough"]]);

  const [seen, ...more] = world.origin.take();
  assert.deepEqual(more, []);
  assert.deepEqual([seen.method, seen.target], ["GET", "/socket?a=b"]);
  for (const name of IDENTITY) assert.equal(headerOf(seen, name), member.expected[name]);
  assert.equal(headerOf(seen, "authorization"), undefined);
  assert.equal(headerOf(seen, "x-forwarded-for"), CLIENT);
  const keys = granted(await world.worker.api.call("GET", "/.well-known/jwks.json"));
  assert.equal(claimsOf(headerOf(seen, "token-auth-assertion"), keys).path, "/socket");
  assert.equal(await world.uses(member), 1);
});

test("a handshake that is not allowed reaches no origin", async () => {
  const viewer = await world.addMember("no-access");
  await assert.rejects(opened(connectAs(viewer.token)), { status: 403 });
  await assert.rejects(opened(connectAs("nonsense")), { status: 401 });
  assert.deepEqual(world.origin.take(), []);
  assert.equal(await world.uses(viewer), 0);
});

test("an origin that refuses the handshake is heard", async () => {
  const member = await world.addMember();
  await assert.rejects(opened(connectAs(member.token, { path: new URL("/refused", url) })), { status: 403 });
  world.origin.take();
});

test("a route that takes no WebSocket refuses it, and consumes nothing", async () => {
  const host = "plain.example.com";
  await world.project.route({ host, pathPrefix: "/", origin: world.origin.url });
  const member = await world.addMember();
  await assert.rejects(opened(connectAs(member.token, { headers: { host } })), { status: 403 });
  assert.deepEqual(world.origin.take(), []);
  assert.equal(await world.uses(member), 0);
});

const HANDSHAKE = [
  ["connection", "Upgrade"],
  ["upgrade", "websocket"],
  ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["sec-websocket-version", "13"],
];
const CODE = "invalid_web_socket_handshake";
// An answer to HEAD has no body that could say why.
const codeFor = (method) => (method === "HEAD" ? undefined : CODE);
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
// The handshake with other headers in the place of its own; `null` leaves one out.
const changed = (changes) =>
  HANDSHAKE.map(([name, value]) => [name, changes[name] === undefined ? value : changes[name]]).filter(([, value]) => value !== null);

test("no method but GET becomes a WebSocket, which every origin is sent as a GET", async () => {
  // A member whose role lets it write and not read, and a route that takes nothing but POST.
  await world.project.role("writer", [{ subject: "requests", action: ["create"] }]);
  const writer = await world.addMember("writer");
  const member = await world.addMember();
  const host = "post.example.com";
  await world.project.route({ host, pathPrefix: "/", methods: ["POST"], origin: world.origin.url, webSocket: true });
  for (const method of METHODS.slice(1)) {
    for (const bearer of [writer, member]) {
      for (const to of [HOST, host]) {
        await world.refused(400, codeFor(method), { bearer, method, host: to, headers: HANDSHAKE });
      }
    }
  }
  for (const body of ["a", ["a", "b"]]) {
    await world.refused(400, CODE, { bearer: writer, method: "POST", body, headers: HANDSHAKE });
  }
  await world.refused(403, "insufficient_scope", { bearer: writer, headers: HANDSHAKE });
  await world.refused(405, "method_not_allowed", { bearer: member, host, headers: HANDSHAKE });
});

test("what speaks of a WebSocket and is no whole handshake is refused, whatever its method and the route", async () => {
  const member = await world.addMember();
  const host = "without.example.com";
  await world.project.route({ host, pathPrefix: "/", origin: world.origin.url });
  for (const headers of [
    [["upgrade", "websocket"]],
    changed({ upgrade: "websocket, h2c" }),
    changed({ upgrade: "websocket/13" }),
    changed({ connection: "keep-alive" }),
    changed({ connection: null }),
    changed({ "sec-websocket-key": null }),
    changed({ "sec-websocket-key": "short" }),
    changed({ "sec-websocket-version": null }),
    changed({ "sec-websocket-version": "8" }),
  ]) {
    for (const method of METHODS) {
      for (const to of [HOST, host]) {
        await world.refused(400, codeFor(method), { bearer: member, method, host: to, headers });
      }
    }
  }
});

test("32 WebSockets at once each hear their own words", async () => {
  const member = await world.addMember();
  const sockets = await Promise.all(Array.from({ length: 32 }, () => opened(connectAs(member.token))));
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(
      sockets.map(async (socket, number) => {
        const answer = next(socket);
        socket.send(`${round} ${number}`);
        assert.equal((await answer)[0].toString(), `${round} ${number}`);
      }),
    );
  }
  for (const socket of sockets) socket.close();
  assert.equal(await world.uses(member), 32);
  assert.equal(world.origin.take().length, 32);
});
