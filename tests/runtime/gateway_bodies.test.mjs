// Bodies through the gateway, both ways: byte by byte, as they come, whole or broken off, and each to its own.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import { GatewayWorld, HOST, send } from "../support/gateway_world.mjs";
import { headerOf } from "../support/origin.mjs";
import { eventually } from "../support/waiting.mjs";

// How the origin answers the next requests; see origin.mjs.
let behaviour = (_, response) => response.end();
const world = await GatewayWorld.start({ build: "build-test", origin: { begin: (...all) => behaviour(...all) } });
const { origin } = world;
const member = await world.project.member("member");
const url = world.worker.main.url;

const KIB = 1024;
const SIZES = [0, 1, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 1024 * KIB, 50 * 1024 * KIB];

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

function parts(bytes) {
  const size = Math.max(1, Math.ceil(bytes.length / 100));
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

for (const size of SIZES) {
  for (const framing of ["Content-Length", "chunks"]) {
    test(`${size} bytes with ${framing} arrive at the origin as they were sent`, async () => {
      const body = randomBytes(size);
      behaviour = async (incoming, response) => {
        const got = await read(incoming);
        response.end(JSON.stringify([got.length, digest(got), incoming.headers["content-length"] ?? null]));
      };
      const sent = framing === "chunks" ? parts(body) : body;
      const answer = await send(url, { method: "POST", token: member.token, body: sent });
      const [length, hash, announced] = JSON.parse(answer.text);
      assert.deepEqual([length, hash], [size, digest(body)]);
      if (framing === "Content-Length") assert.equal(announced, `${size}`);
    });

    test(`${size} bytes with ${framing} arrive at the client as the origin sent them`, async () => {
      const body = randomBytes(size);
      behaviour = (_, response) => {
        if (framing === "Content-Length") return void response.writeHead(200, { "content-length": size }).end(body);
        for (const part of parts(body)) response.write(part);
        response.end();
      };
      const answer = await send(url, { token: member.token });
      assert.deepEqual([answer.body.length, digest(answer.body)], [size, digest(body)]);
      if (framing === "Content-Length") assert.equal(answer.header("content-length"), `${size}`);
    });
  }
}

// A request whose body is sent bit by bit.
function open(method = "POST", path = "/items", framing = { "transfer-encoding": "chunked" }) {
  const headers = { host: HOST, authorization: `Bearer ${member.token}`, ...framing };
  const sent = request(url, { method, path, headers, setHost: false, agent: false });
  sent.on("error", () => {});
  sent.flushHeaders();
  return sent;
}

test("the origin gets the first part of a body before the client has sent the last, and the client likewise", async () => {
  const [received, responses] = [[], []];
  behaviour = (incoming, response) => {
    responses.push(response);
    incoming.setEncoding("utf8").on("data", (chunk) => received.push(chunk));
    incoming.on("end", () => response.end("last"));
    response.writeHead(200);
    response.write("first");
  };
  const sent = open();
  const answered = new Promise((resolve) => sent.on("response", resolve));
  sent.write("one");
  await eventually("the first part at the origin", () => received.join("") === "one");
  const answer = await answered;
  const chunks = [];
  answer.setEncoding("utf8").on("data", (chunk) => chunks.push(chunk));
  await eventually("the first part at the client", () => chunks.join("") === "first");
  sent.write("two");
  await eventually("the second part at the origin", () => received.join("") === "onetwo");
  sent.end();
  await eventually("the last part at the client", () => chunks.join("") === "firstlast");
  origin.take();
});

for (const framing of ["Content-Length", "chunks"]) {
  test(`when the client hangs up while it sends with ${framing}, the origin learns of it`, async () => {
    let ended;
    behaviour = (incoming) => {
      incoming.on("data", () => {});
      incoming.on("error", () => {});
      incoming.on("close", () => (ended = incoming.complete ? "complete" : "broken off"));
    };
    const sent = open("POST", "/items", framing === "chunks" ? undefined : { "content-length": 1_000 });
    sent.write("a part");
    await eventually("the request at the origin", () => origin.take().length === 1);
    sent.destroy();
    await eventually("the end at the origin", () => ended);
    assert.equal(ended, "broken off");
  });
}

test("when the client hangs up while it receives, the origin need not go on", async () => {
  let closed = false;
  behaviour = (_, response) => {
    const timer = setInterval(() => response.write(Buffer.alloc(KIB)), 5);
    response.on("close", () => {
      clearInterval(timer);
      closed = true;
    });
  };
  const sent = request(url, { headers: { host: HOST, authorization: `Bearer ${member.token}` }, setHost: false, agent: false });
  sent.on("error", () => {});
  sent.end();
  const response = await new Promise((resolve) => sent.on("response", resolve));
  response.on("error", () => {});
  await new Promise((resolve) => response.once("data", resolve));
  response.destroy();
  sent.destroy();
  await eventually("the end at the origin", () => closed);
  origin.take();
});

for (const framing of ["Content-Length", "chunks"]) {
  test(`when the origin breaks off an answer with ${framing}, the client does not take it for whole`, async () => {
    behaviour = (_, response) => {
      response.writeHead(200, framing === "chunks" ? {} : { "content-length": "1000" });
      response.write("the beginning");
      setTimeout(() => response.destroy(), 50);
    };
    await assert.rejects(send(url, { token: member.token }), /aborted|ECONNRESET|socket hang up|terminated/);
    origin.take();
  });
}

test("when the origin breaks off before it answers, the client is told so, once", async () => {
  behaviour = (incoming) => incoming.socket.destroy();
  const answer = await send(url, { method: "POST", token: member.token, body: "a" });
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [502, "origin_unreachable"]);
  assert.equal(origin.take().length, 1, "the request was sent again");
});

test("an origin that answers before it has read the whole body is understood", async () => {
  behaviour = (incoming, response) => {
    response.writeHead(413).end("too much");
    // Whoever closes with something unread takes its answer back (RFC 9112 §9.6).
    incoming.resume();
  };
  const answer = await send(url, { method: "POST", token: member.token, body: randomBytes(200 * KIB) });
  assert.deepEqual([answer.status, answer.text], [413, "too much"]);
  origin.take();
});

test("a request that announces no body reaches the origin as one", async () => {
  behaviour = (incoming, response) => {
    const { "content-length": length, "transfer-encoding": encoding } = incoming.headers;
    response.end(JSON.stringify([length ?? null, encoding ?? null]));
  };
  for (const method of ["POST", "DELETE"]) {
    const answer = await send(url, { method, token: member.token, headers: [["content-length", "0"]] });
    assert.deepEqual(JSON.parse(answer.text), ["0", null], method);
  }
  origin.take();
});

// Sends a head and then the parts one after the other, each after `pause` milliseconds; `null` ends this side. Resolves to
// the raw answer.
function dribble(head, parts, pause) {
  return new Promise((resolve) => {
    const socket = connect({ port: Number(url.port), host: "127.0.0.1", allowHalfOpen: true });
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString("latin1")));
    socket.on("error", () => {});
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(text));
    const lines = [`POST /items HTTP/1.1`, `Host: ${HOST}`, `Authorization: Bearer ${member.token}`, "Connection: close", ...head];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    const timer = setInterval(() => {
      const part = parts.shift();
      if (part === null) socket.end();
      else if (part !== undefined) socket.write(part);
      else clearInterval(timer);
    }, pause);
  });
}

const statusOf = (text) => Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]);

test("how long the client takes for its body is not counted against the origin", async () => {
  await world.project.changeRoute(world.project.routeId, { timeoutSeconds: 1 });
  behaviour = (incoming, response) => read(incoming).then((body) => response.end(body), () => {});
  origin.take();
  const text = await dribble(["Content-Length: 5"], [..."hello"], 500);
  assert.ok(statusOf(text) === 200 && text.endsWith("hello"), text);
  assert.equal(origin.take().length, 1);
});

test("where the client does not say how long its body is, the origin's time begins at once", async () => {
  const chunks = [..."hello"].map((letter) => `1\r\n${letter}\r\n`).concat("0\r\n\r\n");
  const text = await dribble(["Transfer-Encoding: chunked"], chunks, 500);
  assert.ok(statusOf(text) === 504 && text.includes("origin_timeout"), text);
  origin.take();
});

test("the origin's time begins when it has got the whole body", async () => {
  behaviour = (incoming) => read(incoming);
  const started = Date.now();
  const text = await dribble(["Content-Length: 3"], [..."abc"], 700);
  const elapsed = Date.now() - started;
  assert.ok(statusOf(text) === 504 && text.includes("origin_timeout"), text);
  assert.ok(elapsed >= 3_000 && elapsed < 6_000, `${elapsed} ms`);
  origin.take();
  await world.project.changeRoute(world.project.routeId, { timeoutSeconds: 30 });
});

test("a client that stalls is given up, and the origin learns that its request is not whole", async () => {
  // The build with test hooks is patient for 5 seconds in the place of 15 minutes.
  let ended;
  behaviour = (incoming) => {
    incoming.on("data", () => {});
    incoming.on("error", () => {});
    incoming.on("close", () => (ended = incoming.complete ? "complete" : "broken off"));
  };
  const started = Date.now();
  const text = await dribble(["Content-Length: 10"], ["12345"], 100);
  const elapsed = Date.now() - started;
  assert.ok(statusOf(text) === 408 && text.includes("body_timeout"), text);
  assert.ok(elapsed >= 4_500 && elapsed < 10_000, `${elapsed} ms`);
  await eventually("the end at the origin", () => ended);
  assert.equal(ended, "broken off");
  origin.take();
});

test("a body that ends before its length is the client's fault", async () => {
  let completed = 0;
  behaviour = (incoming) => {
    incoming.on("error", () => {});
    incoming.on("data", () => {});
    incoming.on("end", () => (completed += 1));
  };
  // It goes on listening when it has said its last word.
  const text = await dribble(["Content-Length: 10"], ["12345", null], 100);
  assert.ok(statusOf(text) === 400 && text.includes("body_broken_off"), text);
  assert.equal(completed, 0, "the origin took a part for the whole");
  origin.take();
});

test("a body in chunks that are none is refused, and no origin takes it for whole", async () => {
  let completed = 0;
  behaviour = (incoming) => {
    incoming.on("error", () => {});
    incoming.on("data", () => {});
    incoming.on("end", () => (completed += 1));
  };
  for (const parts of [["zz\r\n"], ["5\r\nhello\r\n", "nonsense\r\n\r\n"]]) {
    const text = await dribble(["Transfer-Encoding: chunked"], [...parts], 100);
    // Whose fault it is cannot be told.
    assert.ok(statusOf(text) === 502 && text.includes("origin_unreachable"), text);
  }
  assert.equal(completed, 0);
  origin.take();
});

test("an origin that breaks off while the client still sends is the origin's fault", async () => {
  behaviour = (incoming) => setTimeout(() => incoming.socket.destroy(), 200);
  for (const [head, part] of [["Transfer-Encoding: chunked", "1\r\na\r\n"], ["Content-Length: 20", "a"]]) {
    const text = await dribble([head], Array.from({ length: 20 }, () => part), 100);
    assert.ok(statusOf(text) === 502 && text.includes("origin_unreachable"), text);
    assert.equal(origin.take().length, 1);
  }
});

test("a refused request with a large body is answered, and the gateway goes on", async () => {
  for (let attempt = 0; attempt < 5; attempt += 1) {
    // The answer may come before the whole body has been sent.
    const answer = await send(url, { method: "POST", body: Buffer.alloc(5 * 1024 * KIB) }).catch(({ code }) => ({ code }));
    assert.ok(answer.status === 401 || ["EPIPE", "ECONNRESET"].includes(answer.code), `${answer.status} ${answer.code}`);
  }
  assert.deepEqual(origin.take(), []);
  behaviour = (_, response) => response.end("alive");
  assert.equal((await send(url, { token: member.token })).text, "alive");
  origin.take();
});

test("64 clients at once each get what is theirs, round after round", async () => {
  // The origin says who asked, and gives back what was sent, after a while of its own.
  behaviour = async (incoming, response, seen) => {
    const body = await read(incoming);
    const told = { nonce: incoming.headers["x-nonce"], path: incoming.url, identity: headerOf(seen, "token-auth-identity-id") };
    const claims = JSON.parse(Buffer.from(headerOf(seen, "token-auth-assertion").split(".")[1], "base64url"));
    setTimeout(() => {
      response.writeHead(200, { "x-told": JSON.stringify({ ...told, claimed: [claims.sub, claims.path] }) });
      for (const part of parts(body)) response.write(part);
      response.end();
    }, Math.random() * 10);
  };
  const members = await Promise.all(Array.from({ length: 8 }, () => world.project.member("member")));
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  for (let round = 0; round < 6; round += 1) {
    const clients = Array.from({ length: 64 }, async (_, number) => {
      const { token, identity } = members[number % members.length];
      const nonce = `${round}-${number}-${randomBytes(8).toString("hex")}`;
      const body = Buffer.concat([Buffer.from(nonce), randomBytes(Math.floor(Math.random() * 20_000))]);
      const path = `/${nonce}`;
      const answer = await send(url, { method: "POST", path, token, body, agent, headers: [["x-nonce", nonce]] });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(JSON.parse(answer.header("x-told")), { nonce, path, identity, claimed: [identity, path] });
      assert.ok(answer.body.equals(body), `the body of ${nonce}`);
    });
    await Promise.all(clients);
  }
  agent.destroy();
  assert.equal(origin.take().length, 6 * 64);
});

test("nothing of all this was a panic", () => {
  assert.deepEqual(world.worker.logs.filter((line) => /"(panic|internal)"/.test(line)), []);
});
