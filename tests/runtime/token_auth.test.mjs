// The Token Auth configuration of an identity.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { DATE, ID, assertInForceEverywhereAt, assertManagementError, assertShape } from "../support/shape.mjs";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api } = worker;
const { administrator: bearer } = installation;

const get = (identity) => api.call("GET", `/api/v1/auth/token-auth/identities/${identity}`, { bearer });

test("an attached configuration is returned with its defaults, and shown again", async () => {
  const identityId = await installation.identity();
  const attached = granted(await api.attachTokenAuth(bearer, identityId, {}));
  assertShape(attached, {
    identityTokenAuth: {
      id: ID,
      accessTokenTTL: 2592000,
      accessTokenMaxTTL: 2592000,
      accessTokenNumUsesLimit: 0,
      accessTokenTrustedIps: [
        { ipAddress: "0.0.0.0", type: "ipv4", prefix: 0 },
        { ipAddress: "::", type: "ipv6", prefix: 0 },
      ],
      createdAt: DATE,
      updatedAt: DATE,
      identityId,
      accessTokenPeriod: 0,
    },
  });
  assert.deepEqual(granted(await get(identityId)), attached);
});

test("a body is optional when a configuration is attached", async () => {
  const identity = await installation.identity();
  granted(await api.call("POST", `/api/v1/auth/token-auth/identities/${identity}`, { bearer }));
});

test("only what is named is changed", async () => {
  const identity = await installation.configured({ accessTokenTTL: 60, accessTokenMaxTTL: 120 });
  const changes = { accessTokenNumUsesLimit: 3, accessTokenTrustedIps: [{ ipAddress: " 192.0.2.1 " }] };
  const changed = granted(await api.updateTokenAuth(bearer, identity, changes)).identityTokenAuth;
  assert.equal(changed.accessTokenTTL, 60);
  assert.equal(changed.accessTokenMaxTTL, 120);
  assert.equal(changed.accessTokenNumUsesLimit, 3);
  // A single address has no prefix.
  assert.deepEqual(changed.accessTokenTrustedIps, [{ ipAddress: "192.0.2.1", type: "ipv4" }]);
  assert.deepEqual(granted(await get(identity)).identityTokenAuth, changed);
});

test("a removed configuration is returned once more and is gone", async () => {
  const identity = await installation.configured({ accessTokenTTL: 60 });
  const before = granted(await get(identity));
  const started = Date.now();
  const { inForceEverywhereAt, ...removed } = granted(await api.deleteTokenAuth(bearer, identity));
  assert.deepEqual(removed, before);
  assertInForceEverywhereAt(inForceEverywhereAt, started);
  const message = "Token Auth configuration not found for identity";
  assertManagementError(await get(identity), 404, "NotFound", message);
});

test("what needs a configuration says so where there is none", async () => {
  const identity = await installation.identity();
  const message = "The identity does not have Token Auth";
  assertManagementError(await api.deleteTokenAuth(bearer, identity), 400, "BadRequest", message);
  assertManagementError(await api.createToken(bearer, identity), 400, "BadRequest", message);
  assertManagementError(await api.listTokens(bearer, identity), 400, "BadRequest", message);
  const other = "The identity does not have token auth";
  assertManagementError(await api.updateTokenAuth(bearer, identity, {}), 400, "BadRequest", other);
});

test("a second configuration is refused and the first one stays", async () => {
  const identity = await installation.configured({ accessTokenTTL: 60 });
  const again = await api.attachTokenAuth(bearer, identity, { accessTokenTTL: 61 });
  assertManagementError(again, 400, "BadRequest", "Failed to add Token Auth to already configured identity");
  assert.equal(granted(await get(identity)).identityTokenAuth.accessTokenTTL, 60);
});

test("a wrong configuration names its field and changes nothing", async () => {
  const identity = await installation.configured({ accessTokenTTL: 60, accessTokenMaxTTL: 120 });
  const before = granted(await get(identity));
  const cases = [
    [{ accessTokenTTL: 200, accessTokenMaxTTL: 100 }, 422, ["accessTokenTTL"]],
    [{ accessTokenTTL: -1 }, 422, ["accessTokenTTL"]],
    [{ accessTokenTTL: 315360001 }, 422, ["accessTokenTTL"]],
    [{ accessTokenTTL: 1.5 }, 422, ["accessTokenTTL"]],
    [{ accessTokenTTL: "60" }, 422, ["accessTokenTTL"]],
    [{ accessTokenMaxTTL: null }, 422, ["accessTokenMaxTTL"]],
    [{ accessTokenNumUsesLimit: -1 }, 422, ["accessTokenNumUsesLimit"]],
    [{ accessTokenTrustedIps: [] }, 422, ["accessTokenTrustedIps"]],
    [{ accessTokenTrustedIps: [{ ipAddress: 7 }] }, 422, ["accessTokenTrustedIps", 0, "ipAddress"]],
  ];
  for (const [changes, status, path] of cases) {
    const answer = await api.updateTokenAuth(bearer, identity, changes);
    assert.equal(answer.status, status, `${JSON.stringify(changes)}: ${answer.text}`);
    assert.equal(answer.body.error, "ValidationFailure");
    assert.deepEqual(answer.body.message.map((issue) => issue.path), [path]);
  }
  const address = { accessTokenTrustedIps: [{ ipAddress: "10.0.0.0/8" }, { ipAddress: "10.0.0.0/8abc" }] };
  const answer = await api.updateTokenAuth(bearer, identity, address);
  assert.equal(answer.status, 400, answer.text);
  assert.equal(answer.body.message, "The IP is not a valid IPv4, IPv6, or CIDR block");
  assert.deepEqual(answer.body.details.path, ["accessTokenTrustedIps", 1, "ipAddress"]);
  // Legal by itself and illegal beside the TTL that is stored.
  assert.equal((await api.updateTokenAuth(bearer, identity, { accessTokenMaxTTL: 59 })).status, 400);
  assert.deepEqual(granted(await get(identity)), before);
});

test("a configuration's lifetime and uses hold for tokens created after it, its trusted IPs for all", async () => {
  const identity = await installation.configured({ accessTokenTTL: 600, accessTokenNumUsesLimit: 5 });
  const old = await installation.token(identity);
  const changes = { accessTokenTTL: 60, accessTokenNumUsesLimit: 9, ...only("192.0.2.1") };
  granted(await api.updateTokenAuth(bearer, identity, changes));
  const young = await installation.token(identity);
  const [before, after] = [await installation.view(old.id), await installation.view(young.id)];
  assert.deepEqual([before.accessTokenTTL, before.accessTokenNumUsesLimit], [600, 5]);
  assert.deepEqual([after.accessTokenTTL, after.accessTokenNumUsesLimit], [60, 9]);
  for (const { token } of [old, young]) {
    assert.equal((await api.validate(token, "192.0.2.2")).status, 403);
    assert.equal((await api.validate(token, "192.0.2.1")).status, 200);
  }
});
