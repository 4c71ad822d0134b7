// Hostile requests, byte by byte, straight to the gateway: the corpus that the reverse proxies get too, and pairs of
// requests of which one hides in the other. What the origin saw is compared with what was signed for it.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { corpus } from "../proxies/corpus.mjs";
import { judgeRequest } from "../proxies/support/judge.mjs";
import { claimsOf } from "../support/assertion.mjs";
import { HOST, admitVisitors, bearers, usesOf } from "../support/bearers.mjs";
import { GatewayWorld } from "../support/gateway_world.mjs";
import { granted } from "../support/installation.mjs";
import { headerOf } from "../support/origin.mjs";
import { send } from "../support/wire.mjs";

const ASSERTION = "token-auth-assertion";
// What the network says about every client.
const CLIENT = "127.0.0.1";
const CRLF = "\r\n";

const world = await GatewayWorld.start();
await admitVisitors(world.project);
const tokens = await bearers(world.project, world.worker);
const keys = granted(await world.worker.api.call("GET", "/.well-known/jwks.json"));
const port = Number(world.worker.main.url.port);

// What the network does to a request: whatever the client says about its address is replaced.
function throughNetwork(bytes) {
  const text = bytes.toString("latin1").replaceAll(/\r\nCF-Connecting-IP(v6)?:[^\r\n]*/gi, "");
  const start = text.indexOf(CRLF);
  return Buffer.from(`${text.slice(0, start)}${CRLF}CF-Connecting-IP: ${CLIENT}${text.slice(start)}`, "latin1");
}

// Headers by which an origin might be told something about the client or the request. Each has one writer.
const TOLD = {
  "x-forwarded-for": () => CLIENT,
  "x-forwarded-proto": () => "http",
  "x-forwarded-host": (host) => host,
  "cf-worker": (_, value) => value,
};
const CLAIM = /^(x-forwarded|x-original|x-rewrite|x-envoy|cf|x-http-method|x-method|forwarded$|via$|true-client|x-real-ip|x-client-ip)/;

// What is wrong with a case, one text each.
function judge(one, answer, requests) {
  const wrong = [];
  const refused = answer.status === null || one.statuses?.includes(answer.status) || (answer.status >= 400 && answer.status <= 499);
  if (one.outcome === "allowed" && (answer.status !== 200 || requests.length !== 1)) {
    wrong.push(`answered ${answer.status}, ${requests.length} requests at the origin`);
  }
  if (one.outcome === "refused" && (answer.status === 200 || requests.length > 0)) {
    wrong.push(`not refused: ${answer.status}, ${requests.length} requests at the origin`);
  }
  if (requests.length > 1) wrong.push(`${requests.length} requests at the origin`);
  const tolerated = [...(one.statuses ?? []), ...(one.tolerated ?? [])];
  if (answer.status !== 200 && !refused && !tolerated.includes(answer.status)) wrong.push(`answered ${answer.status}`);
  if (one.statuses && !one.statuses.includes(answer.status)) wrong.push(`answered ${answer.status}, not ${one.statuses}`);
  if (answer.status === 401 && !answer.headers.some(([name]) => name === "www-authenticate")) wrong.push("no challenge");
  for (const request of requests) {
    const claims = claimsOf(headerOf(request, ASSERTION), keys);
    const rules = {
      asked: claims.path,
      identity: one.by.expected,
      host: "127.0.0.1",
      secret: world.worker.authSecret,
      // Names with one are dropped where they could be taken for ours.
      passesUnderscores: true,
      assertion: ASSERTION,
    };
    wrong.push(...judgeRequest(one, request, rules));
    if (claims.method !== request.method) wrong.push(`${claims.method} was decided about, ${request.method} sent on`);
    if (claims.host !== HOST) wrong.push(`the assertion is for the host ${claims.host}`);
    for (const [name, value] of request.headers) {
      if (!CLAIM.test(name.replaceAll(/[^a-z0-9]/g, "-"))) continue;
      const host = headerOf(request, "x-forwarded-host");
      if (value !== TOLD[name]?.(host, value)) wrong.push(`the origin was told ${name}: ${value}`);
    }
    if (headerOf(request, "x-forwarded-host").split(":")[0].toLowerCase() !== HOST) wrong.push("another host was told");
  }
  return wrong;
}

// Where the gateway itself, or the runtime before it, answers otherwise than a proxy would.
function adapted(one) {
  // Only a proxy says these; a client that does is turned away.
  if (/a forged Token-Auth-(Proxy-Secret|Envoy-\w+)$/i.test(one.name)) return { ...one, outcome: "refused", statuses: [403] };
  if (/Token-Auth-Envoy-Host$/.test(one.name)) return { ...one, statuses: [403] };
  // Answered without a word about what is allowed.
  if (one.name === "a preflight") return { ...one, statuses: [204] };
  // The runtime answers this one itself: the Worker is not asked.
  if (one.name === "the method CONNECT") return { ...one, statuses: [500] };
  return one;
}

// How many requests of each token have reached the origin, and how many more may have consumed a use.
const consumed = new Map();
let broken = 0;

// Sends each case and judges what came of it; one text for each thing that is wrong.
async function failuresOf(cases, context) {
  const failures = [];
  let passed = 0;
  for (const one of cases) {
    const answer = await send(port, throughNetwork(one.bytes));
    const requests = world.origin.take();
    passed += requests.length;
    // A body that breaks off while it is sent on: the use has been consumed, and the origin may not have seen anything.
    if (answer.status === 502) broken += 1;
    for (const request of requests) {
      const id = headerOf(request, "token-auth-token-id");
      consumed.set(id, (consumed.get(id) ?? 0) + 1);
    }
    failures.push(...judge(one, answer, requests).map((what) => `${one.family}, ${one.name}: ${what}`));
  }
  for (const name of ["good", "elsewhere", "local", "reader", "outsider"]) {
    const [expected, uses] = [consumed.get(tokens[name].id) ?? 0, await usesOf(world.worker, tokens[name])];
    // Asking is a use, too.
    consumed.set(tokens[name].id, expected + 1);
    if (uses < expected || uses > expected + (name === "good" ? broken : 0)) {
      failures.push(`${name}: ${uses} uses are counted, ${expected} requests reached the origin`);
    }
  }
  context.diagnostic(`${cases.length} cases, ${passed} reached the origin`);
  return failures;
}

test("what is allowed goes through with the right identity, and nothing else does", async (context) => {
  const cases = corpus(tokens).map(adapted);
  assert.ok(cases.length >= 300, `${cases.length} cases`);
  const failures = await failuresOf(cases, context);
  assert.deepEqual(failures, [], failures.join("\n"));
});

// Requests that speak of a WebSocket, one way or another. The origin takes none, so that it shows what it was sent.
const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
const VERSION = "Sec-WebSocket-Version: 13";
const UPGRADES = {
  "the whole handshake": ["Connection: Upgrade", "Upgrade: websocket", KEY, VERSION],
  "the whole handshake in other letters": ["CONNECTION: keep-alive, UPGRADE", "UPGRADE: WebSocket", KEY, VERSION],
  "nothing but Upgrade": ["Upgrade: websocket"],
  "no key": ["Connection: Upgrade", "Upgrade: websocket", VERSION],
  "another version": ["Connection: Upgrade", "Upgrade: websocket", KEY, "Sec-WebSocket-Version: 8"],
  "a list of protocols": ["Connection: Upgrade", "Upgrade: h2c, websocket", KEY, VERSION],
  "Upgrade twice": ["Connection: Upgrade", "Upgrade: websocket", "Upgrade: websocket", KEY, VERSION],
};

for (const [name, lines] of Object.entries(UPGRADES)) {
  test(`on a route for WebSockets nothing else goes through with ${name}`, async (context) => {
    await world.project.changeRoute(world.project.routeId, { webSocket: true });
    const cases = corpus(tokens).map(adapted).map((one) => {
      const text = one.bytes.toString("latin1");
      const start = text.indexOf(CRLF);
      const bytes = Buffer.from(`${text.slice(0, start)}${CRLF}${lines.join(CRLF)}${text.slice(start)}`, "latin1");
      const outcome = one.outcome === "refused" ? "refused" : "either";
      return { ...one, name: `${one.name}, with ${name}`, bytes, outcome, statuses: undefined, tolerated: one.statuses };
    });
    const failures = await failuresOf(cases, context);
    assert.deepEqual(failures, [], failures.join("\n"));
  });
}

// Sends bytes over one connection and reads until it is closed or silent.
function exchange(bytes, silence = 700) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    let timer = setTimeout(() => socket.destroy(), 5_000);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      clearTimeout(timer);
      timer = setTimeout(() => socket.destroy(), silence);
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

const START = [`POST /public/items HTTP/1.1`, `Host: ${HOST}`, `CF-Connecting-IP: ${CLIENT}`, `Authorization: Bearer ${tokens.good.token}`];
// What an attacker would like the origin to take for a request of its own.
const HIDDEN = ["GET /hidden HTTP/1.1", `Host: ${HOST}`, "Token-Auth-Identity-Id: evil", "Content-Length: 0", "", ""].join(CRLF);
const CHUNK = `${HIDDEN.length.toString(16)}${CRLF}${HIDDEN}${CRLF}0${CRLF}${CRLF}`;
const LENGTH = `Content-Length: ${HIDDEN.length}`;

const PAIRS = {
  "length, hidden in the body": [[LENGTH], HIDDEN],
  "chunks, hidden in a chunk": [["Transfer-Encoding: chunked"], CHUNK],
  "length 0 and chunks": [["Content-Length: 0", "Transfer-Encoding: chunked"], CHUNK],
  "length and chunks that end first": [[LENGTH, "Transfer-Encoding: chunked"], `0${CRLF}${CRLF}${HIDDEN}`],
  "chunks and length 4": [["Transfer-Encoding: chunked", "Content-Length: 4"], CHUNK],
  "chunks, with a tab": [["Transfer-Encoding:\tchunked", "Content-Length: 4"], CHUNK],
  "chunks, in capitals": [["Transfer-Encoding: CHUNKED"], CHUNK],
  "chunks in a list": [["Transfer-Encoding: identity, chunked"], CHUNK],
  "chunks twice": [["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], CHUNK],
  "chunks and nonsense": [["Transfer-Encoding: chunked", "Transfer-Encoding: cow"], CHUNK],
  "chunks with a space before the colon": [["Transfer-Encoding : chunked", LENGTH], HIDDEN],
  "chunks behind a vertical tab": [["Transfer-Encoding:\vchunked", LENGTH], HIDDEN],
  "chunks in a folded line": [["X-A: b", " Transfer-Encoding: chunked", LENGTH], HIDDEN],
  "chunks behind a bare line feed": [["X-A: b\nTransfer-Encoding: chunked", LENGTH], HIDDEN],
  "chunks behind a bare carriage return": [["X-A: b\rTransfer-Encoding: chunked", LENGTH], HIDDEN],
  "chunks with an underscore": [["Transfer_Encoding: chunked", LENGTH], HIDDEN],
  "two lengths": [["Content-Length: 0", LENGTH], HIDDEN],
  "two lengths, the other way round": [[LENGTH, "Content-Length: 0"], HIDDEN],
  "a list of lengths": [[`Content-Length: 0, ${HIDDEN.length}`], HIDDEN],
  "a length with a sign": [[`Content-Length: +${HIDDEN.length}`], HIDDEN],
  "a length in hexadecimal": [[`Content-Length: 0x${HIDDEN.length.toString(16)}`], HIDDEN],
  "a length with a space in it": [["Content-Length: 0 0"], HIDDEN],
  "a length beyond counting": [["Content-Length: 18446744073709551616"], HIDDEN],
  "a chunk with an extension": [["Transfer-Encoding: chunked"], CHUNK.replace(CRLF, `;a="${CRLF}"${CRLF}`)],
  "a chunk's length with a sign": [["Transfer-Encoding: chunked"], `+${CHUNK}`],
  "a chunk's length beyond counting": [["Transfer-Encoding: chunked"], `10000000000000000${CHUNK}`],
  "a chunk that ends in a bare line feed": [["Transfer-Encoding: chunked"], CHUNK.replaceAll(CRLF, "\n")],
  "trailers": [["Transfer-Encoding: chunked"], `1${CRLF}a${CRLF}0${CRLF}Token-Auth-Role: evil${CRLF}Content-Length: 99${CRLF}${CRLF}${HIDDEN}`],
  "an expectation": [["Expect: 100-continue", LENGTH], HIDDEN],
  "an upgrade to h2c": [["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", LENGTH], HIDDEN],
  "a length that the connection lists": [["Connection: keep-alive, Content-Length", LENGTH], HIDDEN],
  "an encoding that the connection lists": [["Connection: keep-alive, Transfer-Encoding", "Transfer-Encoding: chunked"], CHUNK],
  "no framing at all": [[], HIDDEN],
};

for (const [name, [headers, body]] of Object.entries(PAIRS)) {
  test(`nothing hides behind ${name}`, async () => {
    const bytes = Buffer.from([...START, ...headers, "", ""].join(CRLF) + body, "latin1");
    // Twice, in two pieces too: what is left of the first connection to the origin must not begin the next request.
    const texts = [await exchange(bytes), await exchange(bytes)];
    const follower = await send(port, Buffer.from([...START, "Content-Length: 0", "Connection: close", "", ""].join(CRLF)));
    const requests = world.origin.take();
    assert.equal(follower.status, 200, follower.body);
    for (const request of requests) {
      assert.deepEqual([request.method, request.target], ["POST", "/public/items"]);
      for (const [header, value] of Object.entries(tokens.good.expected)) assert.equal(headerOf(request, header), value);
    }
    for (const text of texts) {
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1]).filter((status) => status !== "100");
      assert.ok(statuses.filter((status) => status === "200").length <= 1, text);
      assert.ok(!statuses.includes("500"), text);
    }
  });
}

test("whatever was sent, nothing of it was a failure of ours", () => {
  assert.deepEqual(world.worker.logs.filter((line) => /"(panic|internal)"/.test(line)), []);
});
