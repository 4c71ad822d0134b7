// What a client reads when its request is refused, and that nothing is let through while nobody can say whether it may.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { newSecret } from "../support/harness.mjs";
import { FORWARD_AUTH_PROXIES, startProxy } from "./support/programs.mjs";
import { send } from "../support/wire.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
after(() => world.stop());
const tokens = await world.tokens();

const REALM = 'Bearer realm="token-auth"';

// Sends a GET through a proxy; the origin must not see it.
async function refused(proxy, { token, target = "/public/items", method = "GET" }) {
  const lines = [`${method} ${target} HTTP/1.1`, "Host: api.example.com", "Connection: close"];
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`);
  const { status, headers, body } = await send(proxy.port, Buffer.from([...lines, "", ""].join("\r\n")));
  assert.deepEqual(world.origin.take(), []);
  const { verdicts } = world.front.take();
  assert.ok(!verdicts.some((verdict) => verdict.status === 200));
  return { status, header: (name) => headers.find(([present]) => present === name)?.[1], body };
}

async function allowed(proxy, token) {
  const head = [
    "GET /public/items HTTP/1.1",
    "Host: api.example.com",
    `Authorization: Bearer ${token}`,
    "Connection: close",
  ];
  const answer = await send(proxy.port, Buffer.from([...head, "", ""].join("\r\n")));
  world.front.take();
  return answer.status === 200 && world.origin.take().length === 1;
}

async function withProxy(name, options, use) {
  const proxy = await startProxy(name, { ...world, ...options });
  try {
    await use(proxy);
  } finally {
    await proxy.stop();
  }
}

for (const name of FORWARD_AUTH_PROXIES) {
  test(`${name}: a client reads the status of its refusal and the challenge`, () =>
    withProxy(name, {}, async (proxy) => {
      const missing = await refused(proxy, {});
      assert.equal(missing.status, 401);
      assert.equal(missing.header("www-authenticate"), REALM);

      const invalid = await refused(proxy, { token: tokens.revoked.token });
      assert.equal(invalid.status, 401);
      assert.match(invalid.header("www-authenticate"), /^Bearer realm="token-auth", error="invalid_token"/);

      const elsewhere = await refused(proxy, { token: tokens.elsewhere.token });
      assert.equal(elsewhere.status, 403);
      assert.equal(elsewhere.header("www-authenticate"), REALM);

      const ambiguous = await refused(proxy, { token: tokens.good.token, target: "/public/a;b" });
      assert.equal(ambiguous.status, 400);

      const preflight = await refused(proxy, { method: "OPTIONS" });
      assert.equal(preflight.status, 405);
      assert.equal(preflight.header("allow"), "GET, HEAD, POST, PUT, PATCH, DELETE");
    }));

  test(`${name}: while the verdict cannot be known, nothing is let through and the client may try again`, () =>
    withProxy(name, {}, async (proxy) => {
      assert.ok(await allowed(proxy, tokens.good.token));
      await world.worker.main.fail({ "worker.USE_COUNTER.*": { fault: "fail" } });
      const unknown = await refused(proxy, { token: tokens.good.token });
      await world.worker.main.fail({});
      assert.equal(unknown.status, 503);
      // Envoy tells no headers of a failure.
      assert.equal(unknown.header("retry-after"), name.startsWith("Envoy") ? undefined : "1");
      assert.ok(await allowed(proxy, tokens.good.token));
    }));

  test(`${name}: nothing is let through where Token Auth cannot be reached`, () =>
    withProxy(name, { front: { port: 1, certificate: world.front.certificate } }, async (proxy) => {
      const { status } = await refused(proxy, { token: tokens.good.token });
      assert.ok([500, 502, 503].includes(status), `${status}`);
    }));

  test(`${name}: nothing is let through where another one answers in the place of Token Auth`, () =>
    withProxy(name, { front: { port: world.front.port, certificate: world.strangersCertificate } }, async (proxy) => {
      const { status } = await refused(proxy, { token: tokens.good.token });
      assert.ok([500, 502, 503].includes(status), `${status}`);
      assert.deepEqual(world.front.take().questions, []);
    }));

  test(`${name}: a proxy with another secret is not believed, and no use is consumed`, async () => {
    const before = await world.uses(tokens.good);
    await withProxy(name, { secret: newSecret() }, async (proxy) => {
      const { status } = await refused(proxy, { token: tokens.good.token });
      assert.equal(status, 403);
    });
    assert.equal(await world.uses(tokens.good), before + 1);
  });
}
