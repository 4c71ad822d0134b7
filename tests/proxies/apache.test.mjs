// Apache with mod_auth_openidc and its example configuration: it asks who a token belongs to (RFC 7662), and the origin
// hears that and nothing that the client has made up.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { after, test } from "node:test";

import { HOST } from "../support/bearers.mjs";
import { granted } from "../support/installation.mjs";
import { until } from "../support/waiting.mjs";
import { send } from "../support/wire.mjs";
import { Front } from "./support/front.mjs";
import { APACHE, CACHING_APACHE, startProxy } from "./support/programs.mjs";
import { World } from "./support/world.mjs";

const BOUND = 1_000;
const world = await World.start({ vars: { MAX_STALENESS_SECONDS: `${BOUND / 1000}` } });
after(() => world.stop());
const apache = await startProxy(APACHE, world);
after(() => apache.stop());
const { installation, origin } = world;
// Of the role that the example lets at /public.
const MEMBER = { role: "member" };

async function ask({ port }, target, token, ...headers) {
  const lines = [`GET ${target} HTTP/1.1`, `Host: ${HOST}`];
  if (!headers.some((header) => header.startsWith("Connection:"))) lines.push("Connection: close");
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`);
  const answer = await send(port, Buffer.from([...lines, ...headers, "", ""].join("\r\n"), "latin1"));
  return { ...answer, seen: origin.take() };
}

function get(token, ...headers) {
  return ask(apache, "/public/orders?x=1", token, ...headers);
}

function identityHeaders({ headers }) {
  return Object.fromEntries(headers.filter(([name]) => /^token.auth/.test(name)));
}

test("the origin hears who it is, and not the token", async () => {
  const issued = await installation.issue({}, { name: "Zoë's build", role: "member" });
  const { status, seen } = await get(issued.token);
  assert.equal(status, 200);
  assert.equal(seen.length, 1);
  assert.equal(seen[0].target, "/public/orders?x=1");
  assert.deepEqual(identityHeaders(seen[0]), {
    "token-auth-identity-id": issued.identity,
    "token-auth-token-id": issued.id,
    "token-auth-role": "member",
  });
  for (const [name, value] of seen[0].headers) {
    assert.ok(name !== "authorization" && !name.startsWith("oidc_"), name);
    assert.ok(!value.includes(issued.token), name);
  }
});

test("what a client says in the names of Token Auth, or of the claims about a token, does not reach the origin", async () => {
  const issued = await installation.issue({}, MEMBER);
  for (const header of ["Token-Auth-Role: evil", "token.auth_role: evil", "TOKEN_AUTH_ROLE: evil\r\nToken_Auth-Role:"]) {
    const { status, seen } = await get(issued.token, header);
    assert.equal(status, 200, header);
    assert.deepEqual(identityHeaders(seen[0]), {
      "token-auth-identity-id": issued.identity,
      "token-auth-token-id": issued.id,
      "token-auth-role": "member",
    });
    assert.ok(!seen[0].headers.some(([, value]) => value === "evil"));
  }
  const { status, seen: unheard } = await get(issued.token, "Connection: close, token-auth-role");
  assert.deepEqual([status, unheard], [400, []]);
  const { seen } = await get(issued.token, "OIDC_CLAIM_sub: evil", "OIDC-CLAIM-sub: evil");
  assert.ok(!seen[0].headers.some(([, value]) => value === "evil"));
});

test("a role gets as far as Apache lets it, and a use is consumed before that is known", async () => {
  const outsider = await installation.issue({ accessTokenNumUsesLimit: 10 });
  const member = await installation.issue({ accessTokenNumUsesLimit: 10 }, MEMBER);
  const reached = async (token, target) => (await ask(apache, target, token)).seen.map((seen) => seen.target);
  assert.deepEqual(await reached(outsider.token, "/public/items"), []);
  assert.deepEqual(await reached(outsider.token, "/secret"), []);
  assert.deepEqual(await reached(member.token, "/public/items"), ["/public/items"]);
  assert.deepEqual(await reached(member.token, "/secret"), []);
  assert.deepEqual(await reached(installation.administrator, "/secret"), ["/secret"]);
  for (const { token } of [outsider, member]) {
    assert.equal(granted(await world.worker.api.validate(token)).usesRemaining, 10 - 3);
  }
});

test("a request that is refused as it is costs no question", async () => {
  world.front.take();
  const { token } = await installation.issue({}, MEMBER);
  for (const target of ["/public/%2e%2e/secret", "/public//items", "/public/a;b", "/public/%2Fsecret", "/public/%2525"]) {
    const { status, seen } = await ask(apache, target, token);
    assert.equal(status, target.includes("%2F") ? 404 : 400, target);
    assert.deepEqual(seen, []);
  }
  assert.deepEqual(world.front.take().questions, []);
});

test("each request consumes a use, and a limit on uses holds", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 2 }, MEMBER);
  const answers = [await get(token), await get(token), await get(token)];
  assert.deepEqual(
    answers.map(({ status, seen }) => [status, seen.length]),
    [
      [200, 1],
      [200, 1],
      [401, 0],
    ],
  );
});

test("what is no active token is refused with a challenge, and the origin sees nothing", async () => {
  const revoked = await installation.issue({}, MEMBER);
  assert.equal((await get(revoked.token)).status, 200);
  await installation.revoke(revoked.id);
  const bound = await installation.issue({ accessTokenTrustedIps: [{ ipAddress: "127.0.0.1" }] }, MEMBER);
  for (const token of [undefined, "nonsense", revoked.token, bound.token]) {
    const { status, headers, seen } = await get(token);
    assert.equal(status, 401, token);
    assert.match(headers.find(([name]) => name === "www-authenticate")[1], /^Bearer/);
    assert.deepEqual(seen, []);
  }
});

test("a token in the query is no credential", async () => {
  const { token } = await installation.issue({}, MEMBER);
  const line = `GET /public/orders?access_token=${token} HTTP/1.1`;
  const answer = await send(apache.port, Buffer.from(`${line}\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`));
  assert.equal(answer.status, 401);
  assert.deepEqual(origin.take(), []);
});

test("nothing is let through while Token Auth cannot answer", async () => {
  const { token } = await installation.issue({}, MEMBER);
  assert.equal((await get(token)).status, 200);
  await world.worker.main.fail({ "worker.DIRECTORY.*": { fault: "fail" } });
  const { status, seen } = await get(token);
  await world.worker.main.fail({});
  // mod_auth_openidc knows no other refusal.
  assert.equal(status, 401);
  assert.deepEqual(seen, []);
  assert.equal((await get(token)).status, 200);
});

// Lets `use` have an Apache of its own.
async function withApache(name, about, use) {
  const own = await startProxy(name, { ...world, ...about });
  try {
    await use(own);
  } finally {
    await own.stop();
  }
}

async function letThroughThrice(proxy, token) {
  for (let request = 0; request < 3; request += 1) {
    assert.equal((await ask(proxy, "/public/orders", token)).status, 200);
  }
}

// An answer's text with another field at the beginning of its JSON.
function withField(text, field) {
  return text
    .replace(/^content-length: (\d+)/im, (_, length) => `content-length: ${Number(length) + field.length}`)
    .replace('{"active":true', `{${field}"active":true`);
}

test("Apache as it is by default asks about every request, and a revocation reaches through it", () =>
  withApache(CACHING_APACHE, {}, async (caching) => {
    const { token, id } = await installation.issue({}, MEMBER);
    world.front.take();
    await letThroughThrice(caching, token);
    assert.equal(world.front.take().questions.length, 3);
    await installation.revoke(id);
    await until(Date.now() + BOUND + 1);
    assert.equal((await ask(caching, "/public/orders", token)).status, 401);
  }));

test("were there an exp in the answer, Apache as it is by default would ask once", async () => {
  const folder = path.join(world.folder, "expiring");
  await mkdir(folder);
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  const front = await Front.start(world.worker.main.url, folder, { alter: (text) => withField(text, `"exp":${exp},`) });
  try {
    await withApache(CACHING_APACHE, { front, folder }, async (caching) => {
      const { token } = await installation.issue({}, MEMBER);
      front.take();
      await letThroughThrice(caching, token);
      assert.equal(front.take().questions.length, 1);
    });
  } finally {
    front.stop();
  }
});

test("a limit on uses is exact in Apache at any concurrency", () =>
  withApache(CACHING_APACHE, {}, async (caching) => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 3 }, MEMBER);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(caching, "/public/orders", token)));
    assert.deepEqual(
      answers.map(({ status }) => status).sort(),
      [200, 200, 200, 401, 401, 401, 401, 401],
    );
    assert.equal(answers.flatMap(({ seen }) => seen).length, 3);
  }));

test("without consume=true a limit on uses does not count in Apache", () => {
  const changes = [["OIDCOAuthIntrospectionEndpointParams consume=true\n", "\n"]];
  return withApache(APACHE, { changes, folder: path.join(world.folder, "unconsuming") }, async (asking) => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 }, MEMBER);
    await letThroughThrice(asking, token);
    assert.equal(granted(await world.worker.api.validate(token)).usesRemaining, 0);
  });
});
