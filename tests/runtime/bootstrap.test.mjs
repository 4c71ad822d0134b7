// The first organization, administrator and token: once, and only for who knows AUTH_SECRET.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { DATE, ID, TOKEN, assertCommonHeaders, assertManagementError, assertShape } from "../support/shape.mjs";

test("bootstrap refuses a wrong and a missing secret, works once, and then never again", async (context) => {
  const worker = await startWorker({}, context);
  const { api } = worker;

  const wrong = await api.bootstrap(worker.authSecret.replace(/.$/, "x"), "Mallory");
  assertManagementError(wrong, 403, "ForbiddenError", "You are not allowed to access this resource");
  const missing = await api.call("POST", "/api/v1/admin/bootstrap", { json: { organization: "Mallory" } });
  assertManagementError(missing, 401, "UnauthorizedError", "Token missing");
  assert.match(missing.headers.get("www-authenticate"), /^Bearer realm=/);

  const first = await api.bootstrap(worker.authSecret, " Acme Works ");
  assert.equal(first.status, 200, first.text);
  assertCommonHeaders(first);
  assertShape(first.body, {
    message: "Successfully bootstrapped instance",
    organization: { id: ID, name: "Acme Works", slug: "acme-works" },
    identity: { id: ID, name: "Instance Admin Identity", credentials: { token: TOKEN, expiresAt: null } },
  });

  const second = await api.bootstrap(worker.authSecret, "Mallory");
  assertManagementError(second, 400, "BadRequest", "Instance has already been set up");

  // The first one is all there is, and its token works.
  const { token } = first.body.identity.credentials;
  const details = await api.call("GET", "/api/v1/identities/details", { bearer: token });
  assert.deepEqual(details.body.identityDetails.organization, first.body.organization);
});

test("of 20 bootstraps at the same moment one succeeds", async (context) => {
  const worker = await startWorker({}, context);
  const all = Array.from({ length: 20 }, (_, number) => worker.api.bootstrap(worker.authSecret, `Organization ${number}`));
  const statuses = (await Promise.all(all)).map(({ status }) => status);
  assert.deepEqual(statuses.sort(), [200, ...Array(19).fill(400)]);
});

test("the clients' e-mail, password and domain are accepted and ignored", async (context) => {
  const worker = await startWorker({}, context);
  const answer = await worker.api.call("POST", "/api/v1/admin/bootstrap", {
    bearer: worker.authSecret,
    json: { email: "a@b.example", password: "correct horse", organization: "Acme", domain: "https://a.example" },
  });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.body.user, undefined);
});

test("a setting that is missing or wrong is named, and nothing else works", async (context) => {
  const worker = await startWorker({ vars: { MAX_STALENESS_SECONDS: "soon" } }, context);
  const bootstrap = await worker.api.bootstrap(worker.authSecret, "Acme");
  assert.equal(bootstrap.status, 503);
  assert.match(bootstrap.body.message, /MAX_STALENESS_SECONDS/);
  const validate = await worker.api.validate("tka_x");
  assert.equal(validate.status, 503);
  assert.equal(validate.body.code, "misconfigured");
  assert.match(validate.body.detail, /MAX_STALENESS_SECONDS/);
});

test("the status names the bound on staleness and the longest lifetime", async (context) => {
  const worker = await startWorker(
    { vars: { MAX_STALENESS_SECONDS: 7, MAX_ACCESS_TOKEN_TTL_SECONDS: 7_776_000 } },
    context,
  );
  for (const path of ["/api/status", "/healthz"]) {
    const answer = await worker.api.call("GET", path);
    assert.equal(answer.status, 200, answer.text);
    assertCommonHeaders(answer);
    assertShape(answer.body, {
      date: DATE,
      message: "Ok",
      emailConfigured: false,
      inviteOnlySignup: true,
      redisConfigured: false,
      secretScanningConfigured: false,
      maxIdentityAccessTokenTTL: 7_776_000,
      maxStalenessSeconds: 7,
      degraded: [],
    });
  }
});
