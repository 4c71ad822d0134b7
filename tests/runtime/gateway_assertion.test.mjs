// The signed assertion: an origin verifies it with nothing but the published keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { claimsOf } from "../support/assertion.mjs";
import { GatewayWorld, HOST } from "../support/gateway_world.mjs";
import { newSecret, startWorker } from "../support/harness.mjs";
import { granted } from "../support/installation.mjs";
import { headerOf } from "../support/origin.mjs";
import { assertProblem } from "../support/shape.mjs";

const world = await GatewayWorld.start();
const member = await world.addMember();

async function keys() {
  const answer = await world.worker.api.call("GET", "/.well-known/jwks.json");
  assert.equal(answer.headers.get("cache-control"), "public, max-age=300");
  return granted(answer);
}

// The assertion that the origin gets with a request.
async function asserted(options = {}) {
  assert.equal((await world.ask({ token: member.token, ...options })).status, 200);
  const [seen] = world.origin.take();
  return headerOf(seen, "token-auth-assertion");
}

const kidOf = (assertion) => JSON.parse(Buffer.from(assertion.split(".")[0], "base64url")).kid;

test("the assertion names the caller and the very request, and verifies with the published key", async () => {
  const before = Math.floor(Date.now() / 1000);
  const claims = claimsOf(await asserted({ method: "POST", path: "/a/b?c=d", body: "x" }), await keys());
  const { iat, exp, organization_id, project_id, ...others } = claims;
  assert.deepEqual(others, {
    iss: `http://${HOST}`,
    aud: world.origin.url,
    sub: member.identity,
    token_id: member.id,
    role: "no-access",
    project: world.project.slug,
    project_roles: ["member"],
    method: "POST",
    host: HOST,
    path: "/a/b",
  });
  assert.deepEqual([organization_id, project_id], [world.installation.organizationId, world.project.id]);
  assert.ok(iat >= before && iat <= before + 5, `${iat} ${before}`);
  assert.equal(exp - iat, 60);
});

test("the same request has the same assertion for a while, another request another one", async () => {
  const first = await asserted({ path: "/same" });
  assert.equal(await asserted({ path: "/same?query" }), first);
  const second = await world.addMember();
  for (const other of [{ path: "/other" }, { path: "/same", method: "DELETE" }, { path: "/same", token: second.token }]) {
    assert.notEqual(await asserted(other), first, JSON.stringify(other.path));
  }
});

test("an assertion that was altered, or is of another key, does not verify", async () => {
  const published = await keys();
  const assertion = await asserted();
  const [header, claims, signature] = assertion.split(".");
  const altered = Buffer.from(claims, "base64url").toString().replace('"no-access"', '"admin"');
  const forged = [header, Buffer.from(altered).toString("base64url"), signature].join(".");
  assert.throws(() => claimsOf(forged, published), /does not verify/);
  assert.throws(() => claimsOf(assertion, { keys: [] }), /no key/);
});

test("the keys are there for whoever asks, and for nobody to change", async () => {
  const [key, ...others] = (await keys()).keys;
  assert.deepEqual(others, []);
  assert.deepEqual([key.kty, key.crv, key.alg, key.use, "d" in key], ["OKP", "Ed25519", "EdDSA", "sig", false]);
  assert.equal((await world.worker.api.call("POST", "/.well-known/jwks.json")).status, 405);
});

test("an assertion for the longest path is made each time, and one for a usual path is remembered", async () => {
  const longest = `/${"a".repeat(4095)}`;
  const published = await keys();
  for (let round = 0; round < 2; round += 1) assert.equal(claimsOf(await asserted({ path: longest }), published).path, longest);
});

test("who says that it is us is the setting ISSUER, where there is one", async () => {
  const path = "/everywhere";
  await world.project.route({ host: null, pathPrefix: path, origin: world.origin.url });
  const issuer = async (host) => claimsOf(await asserted({ host, path }), await keys()).iss;
  assert.equal(await issuer("anything.example:444"), "http://anything.example:444");
  world.worker.vars.ISSUER = "https://auth.example.com";
  await world.worker.restart();
  for (const host of ["anything.example:444", HOST]) assert.equal(await issuer(host), "https://auth.example.com");
  delete world.worker.vars.ISSUER;
  await world.worker.restart();
});

test("while a setting is wrong there are no keys to be kept, and it is said which", async (context) => {
  const worker = await startWorker({ vars: { MAX_STALENESS_SECONDS: "soon" } }, context);
  for (const method of ["GET", "HEAD"]) {
    const answer = await worker.api.call(method, "/.well-known/jwks.json");
    assert.deepEqual([answer.status, answer.headers.get("cache-control")], [503, "no-store"]);
    if (method === "GET") assertProblem(answer, 503, "misconfigured");
  }
});

test("a secret that is published before it signs is known to who keeps the keys, and to isolates of before", async () => {
  const [now, next] = [world.worker.authSecret, newSecret()];
  const use = async (vars) => {
    Object.assign(world.worker.vars, vars);
    await world.worker.restart();
  };
  // The next secret is accepted and published, and nothing is signed with it.
  await use({ AUTH_SECRET: now, AUTH_SECRET_PREVIOUS: next });
  const kept = await keys();
  assert.equal(kept.keys.length, 2);
  const before = await asserted();
  claimsOf(before, kept);
  const old = await world.addMember();

  // The two are swapped: whoever has fetched the keys before knows the one that signs now.
  await use({ AUTH_SECRET: next, AUTH_SECRET_PREVIOUS: now });
  const after = await asserted();
  assert.notEqual(kidOf(after), kidOf(before));
  for (const assertion of [before, after]) for (const published of [kept, await keys()]) claimsOf(assertion, published);
  const young = await world.addMember();
  for (const { token } of [old, young, member]) await asserted({ token });

  // An isolate that has not been swapped yet accepts what others have signed with the next secret.
  await use({ AUTH_SECRET: now, AUTH_SECRET_PREVIOUS: next });
  for (const { token } of [old, young, member]) await asserted({ token });
  delete world.worker.vars.AUTH_SECRET_PREVIOUS;
  await world.worker.restart();
});

test("the key survives a restart; after a rotation of the secret the former one is still published", async () => {
  const before = await keys();
  const old = await asserted();
  await world.worker.restart();
  assert.deepEqual(await keys(), before);
  claimsOf(await asserted(), before);

  const previous = world.worker.authSecret;
  Object.assign(world.worker.vars, { AUTH_SECRET: newSecret(), AUTH_SECRET_PREVIOUS: previous });
  await world.worker.restart();
  const rotated = await keys();
  assert.equal(rotated.keys.length, 2);
  claimsOf(old, rotated);
  const young = await asserted();
  claimsOf(young, rotated);
  assert.throws(() => claimsOf(young, before), /no key/);

  delete world.worker.vars.AUTH_SECRET_PREVIOUS;
  await world.worker.restart();
  const last = await keys();
  assert.equal(last.keys.length, 1);
  assert.throws(() => claimsOf(old, last), /no key/);
});
