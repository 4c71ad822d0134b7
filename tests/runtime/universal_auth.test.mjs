// An identity that logs in with a client id and a client secret, and its place in a project, on the real runtime.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { granted, Installation, only } from "../support/installation.mjs";
import { eventually } from "../support/waiting.mjs";
import { ELSEWHERE, OFFICE } from "../support/withdrawals.mjs";

const worker = await startWorker({ vars: { MAX_STALENESS_SECONDS: "2" } });
const installation = await Installation.found(worker);
const { api, administrator } = installation;

const manage = async (method, path, json) => granted(await api.call(method, path, { bearer: administrator, json }));
const login = (clientId, clientSecret) =>
  api.call("POST", "/api/v1/auth/universal-auth/login/", { json: { clientId, clientSecret } });

// An identity with Universal Auth and one client secret.
async function configured(configuration = {}, secret = {}) {
  const identity = await installation.identity();
  const path = `/api/v1/auth/universal-auth/identities/${identity}`;
  const { clientId } = (await manage("POST", path, configuration)).identityUniversalAuth;
  const made = await manage("POST", `${path}/client-secrets`, secret);
  return { identity, path, clientId, clientSecret: made.clientSecret, secretId: made.clientSecretData.id };
}

suite("an identity logs in with a client secret", () => {
  test("and its token is accepted at once, from trusted addresses only, until the secret is revoked", async () => {
    const { path, clientId, clientSecret, secretId } = await configured(only(OFFICE));
    const answer = granted(await login(clientId, clientSecret));
    assert.equal(answer.tokenType, "Bearer");
    const accepted = await api.validate(answer.accessToken, OFFICE);
    assert.equal(accepted.status, 200);
    assert.equal(accepted.body.authMethod, "universal-auth");
    assert.equal((await api.validate(answer.accessToken, ELSEWHERE)).status, 403);

    await manage("POST", `${path}/client-secrets/${secretId}/revoke`, {});
    await eventually("the end of the token", async () => (await api.validate(answer.accessToken, OFFICE)).status === 401, {
      within: 3_000,
    });
    assert.equal((await login(clientId, clientSecret)).status, 401);
  });

  test("exactly as often as the secret allows, when 20 logins come at the same moment", async () => {
    const { path, clientId, clientSecret, secretId } = await configured({}, { numUsesLimit: 7 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => login(clientId, clientSecret)));
    const granted = answers.filter((answer) => answer.status === 200);
    const refused = answers.filter((answer) => answer.status === 401);
    assert.deepEqual([granted.length, refused.length], [7, 13]);
    for (const answer of refused) {
      assert.equal(answer.body.message, "Access denied due to client secret usage limit reached");
    }
    const { clientSecretData } = await manage("GET", `${path}/client-secrets/${secretId}`);
    assert.equal(clientSecretData.clientSecretNumUses, 7);
    for (const { body } of granted) assert.equal((await api.validate(body.accessToken, OFFICE)).status, 200);
  });

  test("that was made once, although its creation was asked for twice and at the same moment", async () => {
    const { path, secretId } = await configured();
    const headers = { "idempotency-key": "one secret" };
    const create = () =>
      api.call("POST", `${path}/client-secrets`, { bearer: administrator, json: { ttl: 60 }, headers });
    const answers = await Promise.all(Array.from({ length: 5 }, create));
    const [made, ...more] = answers.filter(({ status }) => status === 200);
    assert.equal(more.length, 0);
    for (const repeated of answers.filter((answer) => answer !== made)) {
      assert.equal(repeated.status, 409);
      assert.deepEqual(repeated.body.details, { id: made.body.clientSecretData.id });
      assert.ok(!repeated.text.includes(made.body.clientSecret));
    }
    const { clientSecretData } = await manage("GET", `${path}/client-secrets`);
    assert.deepEqual(clientSecretData.map(({ id }) => id).sort(), [made.body.clientSecretData.id, secretId].sort());
  });

  test("that somebody else has not changed since it was looked at", async () => {
    const { path } = await configured();
    const seen = await api.call("GET", path, { bearer: administrator });
    const headers = { "if-match": seen.headers.get("etag") };
    const update = (accessTokenTTL) =>
      api.call("PATCH", path, { bearer: administrator, json: { accessTokenTTL }, headers });
    assert.equal((await update(60)).status, 200);
    assert.equal((await update(120)).status, 412);
    assert.equal((await manage("GET", path)).identityUniversalAuth.accessTokenTTL, 60);
  });

  test("and not with another secret, which locks it after some guesses", async () => {
    const { clientId, clientSecret } = await configured({ lockoutThreshold: 3 });
    for (let guess = 0; guess < 3; guess += 1) {
      assert.equal((await login(clientId, `${guess}`.repeat(64))).status, 401);
    }
    const locked = await login(clientId, clientSecret);
    assert.equal(locked.status, 401);
    assert.match(locked.body.message, /temporarily locked/);
  });

  test("and no guess that has not the shape of a secret locks anything", async () => {
    const { clientId, clientSecret } = await configured({ lockoutThreshold: 1 });
    for (const guess of ["", "x", "z".repeat(64)]) assert.equal((await login(clientId, guess)).status, 401, guess);
    assert.equal((await login(clientId, clientSecret)).status, 200);
  });
});

suite("an identity in a project", () => {
  test("shows the roles that hold at the moment to whoever validates its token", async () => {
    const { identity, token } = await installation.issue();
    const { project } = await manage("POST", "/api/v2/workspace", { projectName: "Shop" });
    const path = `/api/v1/projects/${project.id}/memberships/identities/${identity}`;
    const soon = new Date(Date.now() - 1000).toISOString();
    const roles = [
      { role: "viewer" },
      { role: "admin", isTemporary: true, temporaryMode: "relative", temporaryRange: "6s", temporaryAccessStartTime: soon },
    ];
    await manage("POST", path, { roles });
    const shown = async () => (await api.call("GET", "/validate?projects=true", { bearer: token, from: OFFICE })).body.projects;
    const expected = (names) => [{ id: project.id, slug: project.slug, roles: names }];
    assert.deepEqual(await shown(), expected(["viewer", "admin"]));
    await eventually("the end of temporary access", async () => (await shown())[0].roles.length === 1);
    assert.deepEqual(await shown(), expected(["viewer"]));

    await manage("DELETE", `/api/v1/projects/${project.id}`);
    await eventually("the end of the project", async () => (await shown()).length === 0, { within: 3_000 });
  });

  test("gets what a custom role of the organization allows, from one request to the next", async () => {
    const permissions = [{ subject: "identity", action: "read" }];
    await manage("POST", "/api/v1/organization/roles", { slug: "reader", name: "Reader", permissions });
    const { token } = await installation.issue({}, { role: "reader" });
    const list = () => api.call("GET", `/api/v1/identities?orgId=${installation.organizationId}`, { bearer: token });
    assert.equal((await list()).status, 200);
    const { role } = await manage("GET", "/api/v1/organization/roles/slug/reader");
    await manage("PATCH", `/api/v1/organization/roles/${role.id}`, { permissions: [] });
    assert.equal((await list()).status, 403);
    assert.equal((await api.validate(token, OFFICE)).body.role, "reader");
  });
});
