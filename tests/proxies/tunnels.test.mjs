// Connections that a client would like to become something else, through each real proxy with its example configuration, to
// an origin that agrees to everything. What follows on such a connection is asked about by nobody: so nothing but a
// WebSocket may become of one, and only where the route takes it.

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import path from "node:path";
import { after, test } from "node:test";

import WebSocket from "ws";

import { tunnels } from "./corpus/tunnels.mjs";
import { askIn, enter } from "./support/entering.mjs";
import { judgeRequest } from "./support/judge.mjs";
import { APACHE, CACHING_APACHE, FORWARD_AUTH_PROXIES, PROXIES, startProxy } from "./support/programs.mjs";
import { WillingOrigin } from "./support/willing_origin.mjs";
import { HOST, World } from "./support/world.mjs";

// The host of a route that takes WebSockets; the one of `HOST` takes none.
const TAKING = "sockets.example.com";

const world = await World.start();
after(() => world.stop());
await world.project.route({ host: TAKING, pathPrefix: "/", webSocket: true });
const origin = await WillingOrigin.start(world.folder);
after(() => origin.stop());
const table = [];

async function withProxy(name, about, use) {
  const proxy = await startProxy(name, { ...world, origin, ...about });
  try {
    world.front.take();
    origin.take();
    return await use(proxy);
  } finally {
    await proxy.stop();
  }
}

// What is wrong with what came of a case, one text each.
function judge(one, expected, came, seen, { by, host, secret, asking, passesUnderscores }) {
  const wrong = [];
  const yes = seen.verdicts.filter(asking.isYes).length;
  const inside = seen.requests.filter(({ tunnel }) => tunnel !== undefined);
  const outside = seen.requests.filter(({ tunnel }) => tunnel === undefined);
  const becomes = expected === "open" || (expected === "perhaps" && came.status === 101);
  if (came.timeout) wrong.push("no answer");
  if (seen.requests.length > yes) wrong.push(`${seen.requests.length} requests at the origin, ${yes} times yes`);
  for (const { tunnel, target } of inside) wrong.push(`${target} was asked for inside of ${tunnel}`);
  for (const tunnel of seen.tunnels) {
    if (!becomes || !/^websocket$/i.test(tunnel)) wrong.push(`the origin became ${tunnel}`);
  }
  if (becomes) {
    if (came.status !== 101 || !/^websocket$/i.test(came.protocol)) wrong.push(`answered ${came.status} ${came.protocol}`);
    if (expected === "open" && !came.said?.includes("hello")) wrong.push("the WebSocket did not answer");
    if (seen.tunnels.length !== 1 || yes !== 1) wrong.push(`${seen.tunnels.length} tunnels, ${yes} times yes`);
  } else {
    if (came.status === 101) wrong.push(`answered 101 ${came.protocol}`);
    if (came.said?.includes("inside")) wrong.push("the origin was heard inside of a tunnel");
  }
  if (expected === "refused" && (came.status !== 403 || yes > 0 || seen.requests.length > 0)) {
    wrong.push(`not refused: ${came.status}, ${yes} times yes, ${seen.requests.length} requests at the origin`);
  }
  for (const request of outside) {
    const identity = asking.identityOf(by);
    wrong.push(...judgeRequest({ by }, request, { identity, secret, passesUnderscores, host }));
    for (const [name, value] of request.headers) {
      const isForeign = name === "upgrade" && (expected === "closed" || !/^websocket$/i.test(value));
      if (isForeign || name === "http2-settings") wrong.push(`the origin was sent ${name}: ${value}`);
    }
  }
  return wrong;
}

// Sends the corpus to each host and says what is wrong; `isEnough` ends it at a failure.
async function failuresOf(proxy, name, token, isEnough = () => false) {
  const { asking, passesUnderscores } = proxy;
  const neverPasses = name === APACHE || name === CACHING_APACHE;
  const secret = asking.secretOf(world);
  const hosts = neverPasses ? { plain: HOST } : { plain: HOST, taking: TAKING };
  const failures = [];
  let [cases, opened, consumed] = [0, 0, 0];
  for (const [kind, host] of Object.entries(hosts)) {
    for (const one of tunnels({ host, authorization: `Authorization: Bearer ${token.token}` })) {
      const came = await enter(proxy.port, one.bytes, host);
      const seen = { ...origin.take(), ...world.front.take() };
      consumed += seen.verdicts.filter(({ question, ...verdict }) => asking.isYes(verdict) && asking.tokenOf(question) === token.token).length;
      const expected = neverPasses ? "closed" : one[kind];
      const context = { by: token, host, secret, asking, passesUnderscores };
      failures.push(...judge(one, expected, came, seen, context).map((what) => `${kind}, ${one.name}: ${what}`));
      cases += 1;
      if (came.status === 101) opened += 1;
      if (failures.some(isEnough)) return { failures, cases, opened };
    }
  }
  const uses = await world.uses(token);
  if (uses !== consumed) failures.push(`${uses} uses are counted, ${consumed} were answered with a yes`);
  return { failures, cases, opened };
}

for (const name of PROXIES) {
  test(`${name}: nothing but a WebSocket becomes of a request, and only where its route takes one`, () =>
    withProxy(name, {}, async (proxy) => {
      const { good } = await world.tokens();
      const { failures, cases, opened } = await failuresOf(proxy, name, good);
      table.push({ proxy: name, cases, "WebSockets opened": opened, failures: failures.length });
      assert.deepEqual(failures, [], failures.join("\n"));
    }));
}

// A client as browsers and programs have it.
function openWebSocket(port, host, token) {
  const headers = { host, authorization: `Bearer ${token}`, "token-auth-role": "admin" };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/public/socket`, ["chat"], { headers });
  return new Promise((resolve, reject) => {
    socket.on("open", () => resolve(socket));
    socket.on("unexpected-response", (_, { statusCode }) => reject(Object.assign(new Error(`${statusCode}`), { status: statusCode })));
    socket.on("error", reject);
  });
}

for (const name of FORWARD_AUTH_PROXIES) {
  test(`${name}: a WebSocket works on a route that takes it, is refused on another one, and consumes one use or none`, () =>
    withProxy(name, {}, async (proxy) => {
      const { good } = await world.tokens();
      const socket = await openWebSocket(proxy.port, TAKING, good.token);
      for (const said of ["hello", "x".repeat(100_000), Buffer.from([0, 1, 255])]) {
        const heard = new Promise((resolve) => socket.once("message", (data) => resolve(data)));
        socket.send(said);
        assert.deepEqual(await heard, Buffer.from(said));
      }
      const closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
      socket.close(4001);
      assert.equal(await closed, 4001);
      const { requests } = origin.take();
      assert.equal(requests.length, 1);
      assert.equal(requests[0].headers.find(([header]) => header === "token-auth-identity-id")[1], good.identity);
      assert.ok(!requests[0].headers.some(([header]) => header === "token-auth-upgrade" || header === "authorization"));
      assert.equal(await world.uses(good), 1);
      await assert.rejects(openWebSocket(proxy.port, HOST, good.token), { status: 403 });
      await assert.rejects(openWebSocket(proxy.port, TAKING, "nonsense"), { status: 401 });
      assert.deepEqual(origin.take(), { requests: [], tunnels: [] });
      assert.equal(await world.uses(good), 2, "one of them is the question of before");
    }));
}

// Those that speak HTTP/2 without TLS, or do once they are told to: it is the same there with it.
const HTTP2 = Object.fromEntries(
  FORWARD_AUTH_PROXIES.filter((name) => !name.startsWith("nginx")).map((name) => [
    name,
    name.startsWith("Caddy") ? [["\tadmin off\n", "\tadmin off\n\tservers {\n\t\tprotocols h1 h2c\n\t}\n"]] : [],
  ]),
);

for (const [name, changes] of Object.entries(HTTP2)) {
  test(`${name}: every request of an HTTP/2 connection is asked about, and none becomes a tunnel (RFC 8441)`, () =>
    withProxy(name, { changes }, async (proxy) => {
      const { good } = await world.tokens();
      const ask = (headers) => askIn(connectHttp2(`http://127.0.0.1:${proxy.port}`), headers);
      const authorization = `Bearer ${good.token}`;
      const asGood = { ":authority": TAKING, ":path": "/public/items", authorization };
      assert.equal(await ask(asGood), "200 origin");
      assert.match((await ask({ ...asGood, ":path": "/secret" })) ?? "", /^403/);
      assert.match((await ask({ ":authority": TAKING, ":path": "/public/items" })) ?? "", /^401/);
      const { requests } = origin.take();
      assert.deepEqual(requests.map(({ target }) => target), ["/public/items"]);
      world.front.take();
      for (const host of [HOST, TAKING]) {
        for (const extended of [
          { ":protocol": "websocket", ":scheme": "http", ":path": "/public/items", "sec-websocket-version": "13" },
          { ":protocol": "h2c", ":scheme": "http", ":path": "/public/items" },
          {},
        ]) {
          const answer = await ask({ ":method": "CONNECT", ":authority": host, authorization, ...extended });
          assert.ok(answer === undefined || /^[45]/.test(answer), `${host} ${JSON.stringify(extended)}: ${answer}`);
          assert.deepEqual(origin.take(), { requests: [], tunnels: [] });
          assert.ok(!world.front.take().verdicts.some(proxy.asking.isYes));
        }
      }
      assert.equal(await world.uses(good), 1);
    }));
}

// What each example would let through without what closes it. That it is found shows that the origin is willing and the
// corpus looks.
const CADDYS_HOLE = [["\t\trequest_header @other -Upgrade\n", ""]];
// This one says of all of them that they are none.
const ENVOYS_HOLE = [['key: token-auth-upgrade, value: "%REQ(UPGRADE)%"', "key: token-auth-upgrade, value: none"]];
const APACHES_HOLE = [
  ["    RequestHeader unset Upgrade\n", ""],
  ['/" nocanon', '/" nocanon upgrade=ANY'],
];
const HOLES = {
  "nginx 1.22": [
    ["Connection $token_auth_passed_connection;", "Connection $http_connection;"],
    ["Upgrade $token_auth_passed_upgrade;", "Upgrade $http_upgrade;"],
  ],
  "Caddy 2.6": CADDYS_HOLE,
  "Caddy 2.11": CADDYS_HOLE,
  // So does this one.
  "Traefik 3.7": [
    ["HeaderRegexp(`Upgrade`, ", "HeaderRegexp(`X-Never`, "],
    ['          Upgrade: ""\n', ""],
  ],
  "Envoy 1.40": ENVOYS_HOLE,
  "Envoy 1.40, path_prefix": ENVOYS_HOLE,
  [APACHE]: APACHES_HOLE,
  [CACHING_APACHE]: APACHES_HOLE,
};

for (const [name, changes] of Object.entries(HOLES)) {
  test(`${name}: without what closes it there, the tunnel is found`, (context) =>
    withProxy(name, { changes, folder: path.join(world.folder, "open") }, async (proxy) => {
      const { good } = await world.tokens();
      const isFound = (what) => what.includes("the origin became");
      const { failures, cases } = await failuresOf(proxy, name, good, isFound);
      const found = failures.find(isFound);
      assert.ok(found !== undefined, failures.join("\n"));
      context.diagnostic(`${cases} cases, then: ${found}`);
    }));
}

// Where each example shows what becomes of a request. Without it the Worker could not know.
const SHOWN = {
  "nginx 1.22": [["proxy_set_header Token-Auth-Upgrade $token_auth_upgrade;", ""]],
  "Caddy 2.6": [["request_header @other Token-Auth-Upgrade none", ""]],
  "Caddy 2.11": [["request_header @other Token-Auth-Upgrade none", ""]],
  "Traefik 3.7": [["          - Token-Auth-Upgrade\n", ""]],
  "Envoy 1.40": [['                            - { key: token-auth-upgrade, value: "%REQ(TOKEN-AUTH-UPGRADE)%" }\n', ""]],
};

for (const [name, changes] of Object.entries(SHOWN)) {
  test(`${name}: a proxy that does not show what becomes of a request lets nothing through`, () =>
    withProxy(name, { changes, folder: path.join(world.folder, "silent") }, async (proxy) => {
      const { good } = await world.tokens();
      const bytes = Buffer.from(
        `GET /public/items HTTP/1.1\r\nHost: ${HOST}\r\nAuthorization: Bearer ${good.token}\r\nConnection: close\r\n\r\n`,
      );
      assert.equal((await enter(proxy.port, bytes, HOST)).status, 400);
      assert.deepEqual(origin.take(), { requests: [], tunnels: [] });
      assert.equal(await world.uses(good), 0);
    }));
}

after(() => console.table(table));
