// The signed assertion: an origin verifies it with nothing but the published keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { claimsOf } from "../support/assertion.mjs";
import { GatewayWorld, HOST } from "../support/gateway_world.mjs";
import { newSecret } from "../support/harness.mjs";
import { granted } from "../support/installation.mjs";
import { headerOf } from "../support/origin.mjs";

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
