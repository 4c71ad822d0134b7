// /validate: the bearer asks who it is, and consumes a use.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { sendRaw } from "../support/raw.mjs";
import { DATE, ID, assertCommonHeaders, assertProblem, assertShape } from "../support/shape.mjs";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api } = worker;

const INVALID_TOKEN = /^Bearer realm="token-auth", error="invalid_token"/;
const INVALID_REQUEST = /^Bearer realm="token-auth", error="invalid_request"/;
const NO_ERROR = /^Bearer realm="token-auth"$/;

test("a valid token gets 200 with who it is, as JSON and as headers", async () => {
  const configuration = { accessTokenTTL: 60, accessTokenNumUsesLimit: 2 };
  const identity = await installation.configured(configuration, { name: "Zoë's 100 % build", role: "member" });
  const { token, id } = await installation.token(identity, "nightly");
  const answer = await api.validate(token);
  assert.equal(answer.status, 200, answer.text);
  assertCommonHeaders(answer);
  assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
  assertShape(answer.body, {
    active: true,
    tokenId: id,
    tokenName: "nightly",
    identityId: identity,
    identityName: "Zoë's 100 % build",
    organizationId: ID,
    role: "member",
    authMethod: "token-auth",
    issuedAt: DATE,
    expiresAt: DATE,
    usesRemaining: 1,
  });
  assert.equal(Date.parse(answer.body.expiresAt) - Date.parse(answer.body.issuedAt), 60_000);
  const header = (name) => answer.headers.get(`token-auth-${name}`);
  assert.equal(header("identity-id"), identity);
  assert.equal(header("token-id"), id);
  assert.equal(header("role"), "member");
  // Always there, so that a proxy overwrites what the client itself has sent.
  assert.equal(header("project"), "");
  assert.equal(header("project-roles"), "");
  // Percent-encoded, because a header holds no other characters.
  assert.equal(header("identity-name"), "Zo%C3%AB's 100 %25 build");
});

test("the projects are listed only for who asks for them in exactly one way", async () => {
  const { token } = await installation.issue();
  const ask = async (query) => (await api.call("GET", `/validate${query}`, { bearer: token })).body;
  const shown = await ask("?projects=true");
  assert.deepEqual([shown.projects, shown.projectsTotal], [[], 0]);
  for (const query of ["", "?", "?projects", "?projects=1", "?projects=True", "?projects=true&projects=true", "?cost=0&scope=admin"]) {
    const answer = await ask(query);
    assert.deepEqual([answer.active, answer.projects, answer.projectsTotal], [true, undefined, undefined], query);
  }
});

test("a token without limits says so", async () => {
  const { token } = await installation.issue({ accessTokenTTL: 0, accessTokenMaxTTL: 0 });
  const { body } = await api.validate(token);
  assert.equal(body.expiresAt, null);
  assert.equal(body.usesRemaining, null);
  assert.equal(body.tokenName, null);
});

test("GET, HEAD and POST validate and consume one use each; other methods consume none", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 4 });
  for (const method of ["PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE"]) {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await sendRaw(worker.main.url, { method, path: "/validate", headers });
    assertProblem(answer, 405, "method_not_allowed");
    assert.equal(answer.headers.get("allow"), "GET, HEAD, POST");
  }
  assert.equal((await api.call("GET", "/validate", { bearer: token })).body.usesRemaining, 3);
  assert.equal((await api.call("POST", "/validate", { bearer: token, json: { any: "thing" } })).body.usesRemaining, 2);
  const head = await api.call("HEAD", "/validate", { bearer: token });
  assert.deepEqual([head.status, head.text], [200, ""]);
  assert.notEqual(head.headers.get("token-auth-identity-id"), null);
  assert.equal((await api.validate(token)).body.usesRemaining, 0);
});

test("missing, malformed and several credentials are told apart as RFC 6750 says", async () => {
  const { token } = await installation.issue();
  const ask = (authorization) => api.call("GET", "/validate", { headers: authorization ? { authorization } : {} });
  assertProblem(await ask(undefined), 401, "missing_token", NO_ERROR);
  assertProblem(await ask("Basic YWRtaW46YWRtaW4="), 401, "missing_token", NO_ERROR);
  assertProblem(await ask(token), 401, "missing_token", NO_ERROR);
  assertProblem(await ask("Bearer"), 400, "invalid_request", INVALID_REQUEST);
  assertProblem(await ask(`Bearer ${token} ${token}`), 400, "invalid_request", INVALID_REQUEST);
  assertProblem(await ask(`Bearer ${token}, Bearer ${token}`), 400, "invalid_request", INVALID_REQUEST);
  assertProblem(await ask("Bearer nonsense"), 401, "invalid_token", INVALID_TOKEN);
  assert.equal((await ask(`bearer  ${token}`)).status, 200);
});

test("a token in the query or the body is no credential", async () => {
  const { token } = await installation.issue();
  assertProblem(await api.call("GET", `/validate?access_token=${token}`), 401, "missing_token", NO_ERROR);
  const json = { accessToken: token, access_token: token };
  assertProblem(await api.call("POST", "/validate", { json }), 401, "missing_token", NO_ERROR);
});

test("an untrusted client address is named, a missing one is refused, and neither consumes a use", async () => {
  const { token } = await installation.issue({
    accessTokenNumUsesLimit: 1,
    ...only("203.0.113.0/24", "2001:db8::/32"),
  });
  for (const address of ["198.51.100.7", "203.0.114.1", "2001:db9::1"]) {
    const refused = await api.validate(token, address);
    assertProblem(refused, 403, "client_ip_not_trusted", NO_ERROR);
    assert.ok(refused.body.detail.includes(address), refused.body.detail);
  }
  assertProblem(await api.validate(token), 403, "client_ip_unknown", NO_ERROR);
  for (const nonsense of ["203.0.113.9, 198.51.100.7", "203.0.113.9:80", "0xcb007109", "localhost", "203.0.113.009"]) {
    assertProblem(await api.validate(token, nonsense), 403, "client_ip_unknown", NO_ERROR);
  }
  const forwarded = { "x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9", forwarded: "for=203.0.113.9" };
  const spoofed = await api.call("GET", "/validate", { bearer: token, from: "198.51.100.7", headers: forwarded });
  assertProblem(spoofed, 403, "client_ip_not_trusted", NO_ERROR);
  assert.equal((await api.validate(token, "2001:0DB8::1")).body.usesRemaining, 0);
});

test("an IPv4 client is recognised however its address is written", async () => {
  const { token } = await installation.issue(only("203.0.113.9"));
  assert.equal((await api.validate(token, "203.0.113.9")).status, 200);
  assert.equal((await api.validate(token, "::ffff:203.0.113.9")).status, 200);
  assert.equal((await api.validate(token, "::ffff:203.0.113.8")).status, 403);
});

test("unknown, revoked, expired and used-up tokens get one and the same answer", async () => {
  const revoked = await installation.issue();
  await installation.revoke(revoked.id);
  const usedUp = await installation.issue({ accessTokenNumUsesLimit: 1 });
  granted(await api.validate(usedUp.token));
  const deleted = await installation.issue();
  granted(await api.deleteIdentity(installation.administrator, deleted.identity));
  const removed = await installation.issue();
  granted(await api.deleteTokenAuth(installation.administrator, removed.identity));

  const answers = [];
  for (const { token } of [revoked, usedUp, deleted, removed]) {
    const answer = await api.validate(token);
    assertProblem(answer, 401, "invalid_token", INVALID_TOKEN);
    const { requestId: _, ...body } = answer.body;
    answers.push(JSON.stringify([body, answer.headers.get("www-authenticate")]));
  }
  assert.equal(new Set(answers).size, 1);
});

test("what is no route is not found on a host that serves nothing else", async (context) => {
  const control = await startWorker({ vars: { CONTROL_HOSTS: "127.0.0.1" } }, context);
  for (const path of ["/", "/validate/", "/validate/x", "/Validate", "/validate%2f", "/__control"]) {
    assertProblem(await control.api.call("GET", path), 404, "not_found");
  }
});
