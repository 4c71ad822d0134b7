// What a holder does with a token by possession alone: renew it and revoke it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { assertManagementError } from "../support/shape.mjs";
import { until } from "../support/waiting.mjs";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api } = worker;

test("a renewed token is the same token with a later end", async () => {
  const { token, id } = await installation.issue({ accessTokenTTL: 6, accessTokenMaxTTL: 3600 });
  const end = Date.parse((await api.validate(token)).body.expiresAt);
  // Not at once, so that the new end is well after the old one.
  await until(end - 3_000);
  const renewed = granted(await api.renew(token));
  assert.deepEqual(renewed, { accessToken: token, expiresIn: 6, accessTokenMaxTTL: 3600, tokenType: "Bearer" });
  const next = Date.parse((await api.validate(token)).body.expiresAt);
  assert.ok(next > end, "whoever renewed it here sees it here at once");
  assert.equal(Date.parse((await installation.view(id)).accessTokenLastRenewedAt) + 6_000, next);
  await until(end + 1);
  assert.equal((await api.validate(token)).status, 200);
});

test("an expired token is refused and cannot be renewed", async () => {
  const { token } = await installation.issue({ accessTokenTTL: 1, accessTokenMaxTTL: 3600 });
  await until(Date.now() + 1_100);
  assert.equal((await api.validate(token)).status, 401);
  const message = "Your token has expired. Please re-authenticate.";
  assertManagementError(await api.renew(token), 401, "TokenError", message);
  assert.equal((await api.validate(token)).status, 401);
});

test("a token is not renewed beyond its max TTL", async () => {
  const { token, identity } = await installation.issue({ accessTokenTTL: 60, accessTokenMaxTTL: 60 });
  const { issuedAt, expiresAt } = (await api.validate(token)).body;
  assert.ok(granted(await api.renew(token)).expiresIn <= 60);

  // A max TTL that has been lowered meanwhile counts at the next renewal.
  const lowered = { accessTokenTTL: 1, accessTokenMaxTTL: 1 };
  granted(await api.updateTokenAuth(installation.administrator, identity, lowered));
  await until(Date.parse(issuedAt) + 1_001);
  const message = "Cannot renew: identity access token has reached its max TTL";
  assertManagementError(await api.renew(token), 401, "UnauthorizedError", message);
  // Refused, and unharmed.
  assert.equal((await api.validate(token)).body.expiresAt, expiresAt);
});

test("renewing consumes no use, and a used-up token cannot be renewed", async () => {
  const { token } = await installation.issue({
    accessTokenTTL: 60,
    accessTokenMaxTTL: 3600,
    accessTokenNumUsesLimit: 2,
  });
  granted(await api.renew(token));
  assert.equal((await api.validate(token)).body.usesRemaining, 1);
  granted(await api.renew(token));
  assert.equal((await api.validate(token)).body.usesRemaining, 0);
  assertManagementError(await api.renew(token), 401, "UnauthorizedError", "Cannot renew exhausted access token");
  assert.equal((await api.validate(token)).status, 401);
});

test("renewing is bound to the trusted addresses, and revoking is not", async () => {
  const { token } = await installation.issue({
    accessTokenTTL: 60,
    accessTokenMaxTTL: 3600,
    accessTokenTrustedIps: [{ ipAddress: "192.0.2.1" }],
  });
  const message = "You are not allowed to access this resource from the current IP address";
  assertManagementError(await api.renew(token), 403, "ForbiddenError", message, { clientIp: null });
  granted(await api.revokeOwn(token));
  assert.equal((await api.validate(token, "192.0.2.1")).status, 401);
});

test("a holder revokes its own token, once and again", async () => {
  const { token, id } = await installation.issue();
  assert.equal(granted(await api.revokeOwn(token)).message, "Successfully revoked access token");
  assert.equal((await installation.view(id)).isAccessTokenRevoked, true);
  assert.equal((await api.validate(token)).status, 401);
  granted(await api.revokeOwn(token));
  const message = "Cannot renew: token has been revoked";
  assertManagementError(await api.renew(token), 401, "UnauthorizedError", message);
});

test("blanks around a token in a body do not matter, and a bearer beside it is ignored", async () => {
  const { token } = await installation.issue({ accessTokenTTL: 60, accessTokenMaxTTL: 0, accessTokenNumUsesLimit: 1 });
  const json = { accessToken: ` ${token}\n` };
  granted(await api.call("POST", "/api/v1/auth/token/renew", { json, bearer: token }));
  assert.equal((await api.validate(token)).status, 200);
});

test("a forged token and nonsense are refused by renew and revoke", async () => {
  const { token, id } = await installation.issue({ accessTokenTTL: 60, accessTokenMaxTTL: 3600 });
  const forged = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
  for (const [sent, status] of [[forged, 401], ["nonsense", 401], [7, 422], [undefined, 422]]) {
    assert.equal((await api.renew(sent)).status, status);
    assert.equal((await api.revokeOwn(sent)).status, status);
  }
  const { isAccessTokenRevoked, accessTokenLastRenewedAt } = await installation.view(id);
  assert.deepEqual([isAccessTokenRevoked, accessTokenLastRenewedAt], [false, null]);
});
