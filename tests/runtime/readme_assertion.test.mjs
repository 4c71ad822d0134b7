// The check of the assertion that README.md shows to origins, as it stands there.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, afterEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";

import { GatewayWorld, HOST } from "../support/gateway_world.mjs";
import { newSecret } from "../support/harness.mjs";
import { Origin } from "../support/origin.mjs";
import { fencesOf, readme } from "../support/readme.mjs";

const KEYS = "https://auth.example.com/.well-known/jwks.json";
const JWKS_PATH = "/.well-known/jwks.json";

const world = await GatewayWorld.start();
const member = await world.addMember();
// The Worker changes its address when it is started again; this one hands its keys on.
const published = await Origin.start({
  answer: async (_, response) => response.end((await world.worker.api.call("GET", JWKS_PATH)).text),
});
after(() => published.stop());

let copies = 0;
// The README's program, with no key fetched yet.
async function snippet() {
  const folder = await mkdtemp(path.join(tmpdir(), "token-auth-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const [{ text }, ...others] = fencesOf(await readme()).filter(({ text }) => text.includes("callerOf"));
  assert.deepEqual(others, []);
  assert.ok(text.includes(KEYS));
  const file = path.join(folder, `caller${(copies += 1)}.mjs`);
  await writeFile(file, text.replace(KEYS, `${published.url}${JWKS_PATH}`));
  published.take();
  return (await import(pathToFileURL(file).href)).callerOf;
}

// A request as node shows it to the origin.
async function received(options = {}) {
  assert.equal((await world.ask({ token: member.token, ...options })).status, 200);
  const [seen] = world.origin.take();
  return { method: seen.method, url: seen.target, headers: Object.fromEntries(seen.headers) };
}

// The clock stands still from here on, that much later.
function later(seconds) {
  const now = Date.now() + seconds * 1000;
  mock.timers.reset();
  mock.timers.enable({ apis: ["Date"], now });
}
afterEach(() => mock.timers.reset());

test("a request that the gateway sent is its caller's", async () => {
  const callerOf = await snippet();
  const request = await received({ method: "POST", path: "/a/b?c=d", body: "x" });
  const said = await callerOf(request, world.origin.url, ["other.example", HOST]);
  assert.deepEqual([said.sub, said.token_id, said.project_roles], [member.identity, member.id, ["member"]]);
});

test("what is for another host, origin, method or path is refused", async () => {
  const callerOf = await snippet();
  const request = await received({ path: "/a" });
  const refused = (changes, origin = world.origin.url, hosts = [HOST]) =>
    assert.rejects(callerOf({ ...request, ...changes }, origin, hosts), /not for this request/);
  await callerOf(request, world.origin.url, [HOST]);
  await refused({}, world.origin.url, ["other.example"]);
  await refused({}, world.origin.url, []);
  await refused({}, "https://other.example");
  await refused({ method: "DELETE" });
  await refused({ url: "/b" });
  later(61);
  await refused({});
});

test("an assertion that is missing, doubled, malformed or altered is refused", async () => {
  const callerOf = await snippet();
  const request = await received();
  const assertion = request.headers["token-auth-assertion"];
  const [header, claims, signature] = assertion.split(".");
  const other = Buffer.from(Buffer.from(claims, "base64url").toString().replace("member", "admin")).toString("base64url");
  const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
  for (const [value, reason] of [
    [undefined, /no assertion/],
    ["", /no assertion/],
    [`${assertion}, ${assertion}`, /no assertion/],
    ["a.b.c", /JSON/],
    [[unsigned, claims, ""].join("."), /another algorithm/],
    [[header, other, signature].join("."), /forged/],
    [[header, claims, ""].join("."), /forged/],
  ]) {
    const headers = { ...request.headers, "token-auth-assertion": value };
    await assert.rejects(callerOf({ ...request, headers }, world.origin.url, [HOST]), reason, `${value}`);
  }
});

test("keys are fetched once for many requests, again for a new key, and not at every invented one", async () => {
  const callerOf = await snippet();
  const check = async (request) => callerOf(request, world.origin.url, [HOST]);
  const first = await received({ path: "/first" });
  await Promise.all([check(first), check(first), check(first)]);
  await check(first);
  assert.equal(published.take().length, 1);

  const previous = world.worker.authSecret;
  Object.assign(world.worker.vars, { AUTH_SECRET: newSecret(), AUTH_SECRET_PREVIOUS: previous });
  await world.worker.restart();
  const young = await received({ path: "/young" });
  await assert.rejects(check(young), /unknown key/);
  assert.equal(published.take().length, 0);
  later(10);
  await check(young);
  await check(first);
  assert.equal(published.take().length, 1);

  const invented = Buffer.from('{"alg":"EdDSA","kid":"invented"}').toString("base64url");
  const assertion = young.headers["token-auth-assertion"].replace(/^[^.]*/, invented);
  const forged = { ...young, headers: { "token-auth-assertion": assertion } };
  later(10);
  for (let time = 0; time < 5; time += 1) await assert.rejects(check(forged), /unknown key/);
  assert.equal(published.take().length, 1);
});

test("a key that is no longer published is not accepted for longer than 5 minutes", async () => {
  const callerOf = await snippet();
  const request = await received({ path: "/last" });
  await callerOf(request, world.origin.url, [HOST]);
  Object.assign(world.worker.vars, { AUTH_SECRET: newSecret() });
  delete world.worker.vars.AUTH_SECRET_PREVIOUS;
  await world.worker.restart();
  later(301);
  await assert.rejects(callerOf(request, world.origin.url, [HOST]), /unknown key/);
});
