// Access tokens as the operator handles them: create, list, show, rename, revoke.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { DATE, ID, TOKEN, assertInForceEverywhereAt, assertManagementError, assertShape } from "../support/shape.mjs";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api } = worker;
const { administrator: bearer } = installation;

const CONFIGURATION = { accessTokenTTL: 60, accessTokenMaxTTL: 120, accessTokenNumUsesLimit: 2 };

test("a token's secret stands in the answer that creates it and in no other", async () => {
  const identity = await installation.configured(CONFIGURATION);
  const created = granted(await api.createToken(bearer, identity, { name: "nightly" }));
  const token = {
    id: ID,
    accessTokenTTL: 60,
    accessTokenMaxTTL: 120,
    accessTokenNumUses: 0,
    accessTokenNumUsesLimit: 2,
    accessTokenLastUsedAt: null,
    accessTokenLastRenewedAt: null,
    isAccessTokenRevoked: false,
    identityUAClientSecretId: null,
    identityId: identity,
    createdAt: DATE,
    updatedAt: DATE,
    name: "nightly",
    authMethod: "token-auth",
    accessTokenPeriod: 0,
    subOrganizationId: null,
  };
  assertShape(created, {
    accessToken: TOKEN,
    expiresIn: 60,
    accessTokenMaxTTL: 120,
    tokenType: "Bearer",
    tokenData: token,
  });
  const { id } = created.tokenData;
  assertShape(granted(await api.getToken(bearer, id)), { token });
  const alias = `/api/v1/auth/token-auth/identities/${identity}/tokens/${id}`;
  assertShape(granted(await api.call("GET", alias, { bearer })), { token });
  assertShape(granted(await api.listTokens(bearer, identity)), { tokens: [token] });
});

test("a token needs no name, and a body is optional", async () => {
  const identity = await installation.configured();
  const path = `/api/v1/auth/token-auth/identities/${identity}/tokens`;
  assert.equal(granted(await api.call("POST", path, { bearer })).tokenData.name, null);
  assert.equal(granted(await api.createToken(bearer, identity, { name: "" })).tokenData.name, "");
});

test("a renamed token keeps everything else", async () => {
  const { id, token } = await installation.issue(CONFIGURATION);
  const before = await installation.view(id);
  const path = `/api/v1/auth/token-auth/tokens/${id}`;
  const renamed = granted(await api.call("PATCH", path, { bearer, json: { name: "weekly" } })).token;
  assert.deepEqual({ ...renamed, updatedAt: null }, { ...before, name: "weekly", updatedAt: null });
  assert.deepEqual(await installation.view(id), renamed);
  assert.equal((await api.validate(token)).body.usesRemaining, 1);
});

test("tokens are listed from the last one changed, page by page", async () => {
  const identity = await installation.configured();
  const ids = [];
  for (let number = 0; number < 5; number += 1) ids.unshift((await installation.token(identity)).id);
  const listed = async (query) => granted(await api.listTokens(bearer, identity, query)).tokens.map(({ id }) => id);
  const updates = granted(await api.listTokens(bearer, identity)).tokens.map(({ updatedAt }) => updatedAt);
  assert.deepEqual(updates, [...updates].sort().reverse());
  assert.deepEqual((await listed("")).sort(), [...ids].sort());
  const pages = [await listed("?limit=2"), await listed("?limit=2&offset=2"), await listed("?limit=2&offset=4")];
  assert.deepEqual(pages.map(({ length }) => length), [2, 2, 1]);
  assert.deepEqual(pages.flat(), await listed(""));
  assert.deepEqual(await listed("?offset=5"), []);
  for (const query of ["?limit=0", "?limit=101", "?limit=two", "?offset=-1"]) {
    assert.equal((await api.listTokens(bearer, identity, query)).status, 422, query);
  }
});

test("a revoked token is refused, stays in the list as revoked, and can be revoked again", async () => {
  const { id, token, identity } = await installation.issue();
  assert.equal((await api.validate(token)).status, 200);
  const started = Date.now();
  const revoked = granted(await api.revokeToken(bearer, id));
  assert.equal(revoked.message, "Successfully revoked access token");
  assertInForceEverywhereAt(revoked.inForceEverywhereAt, started);
  assert.equal((await api.validate(token)).status, 401);
  assert.equal(granted(await api.listTokens(bearer, identity)).tokens[0].isAccessTokenRevoked, true);
  granted(await api.revokeToken(bearer, id));
  assert.equal((await installation.view(id)).isAccessTokenRevoked, true);
});

test("the clients' body of a revocation is accepted", async () => {
  const { id, identity } = await installation.issue();
  const path = `/api/v1/auth/token-auth/tokens/${id}/revoke`;
  granted(await api.call("POST", path, { bearer, json: { identityId: identity, tokenId: id } }));
});

test("a token that does not exist is not found", async () => {
  for (const id of ["00000000-0000-4000-8000-000000000000", "nonsense"]) {
    const message = `Token with ID ${id} not found`;
    assertManagementError(await api.getToken(bearer, id), 404, "NotFound", message);
    assertManagementError(await api.revokeToken(bearer, id), 404, "NotFound", `${message} or already revoked`);
  }
});

test("revoking one token leaves the others of its identity alone", async () => {
  const first = await installation.issue();
  const second = await installation.token(first.identity);
  await installation.revoke(first.id);
  assert.equal((await api.validate(first.token)).status, 401);
  assert.equal((await api.validate(second.token)).status, 200);
});

test("a holder without permission cannot revoke or rename another identity's token", async () => {
  const victim = await installation.issue();
  const { token: mallory } = await installation.issue();
  assert.equal((await api.revokeToken(mallory, victim.id)).status, 403);
  const path = `/api/v1/auth/token-auth/tokens/${victim.id}`;
  assert.equal((await api.call("PATCH", path, { bearer: mallory, json: { name: "mine" } })).status, 403);
  const { isAccessTokenRevoked, name } = await installation.view(victim.id);
  assert.deepEqual({ isAccessTokenRevoked, name }, { isAccessTokenRevoked: false, name: null });
  assert.equal((await api.validate(victim.token)).status, 200);
});
