// The calls of Infisical's command line and of its Go client, as their sources send them: slashes at the end, empty
// bodies, forms, and bearers where none is asked for. Both are Go programs that no package registry brings.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { granted } from "../support/installation.mjs";
import { TOKEN_REFUSALS, World } from "./support/world.mjs";

const world = await World.begin();
const { api, administrator } = world;
const JSON_TYPE = { "content-type": "application/json" };

// What the command line prints of a refusal.
const PRINTED = ["reqId", "statusCode", "message", "error"];

suite("infisical login --method=universal-auth", () => {
  const path = "/api/v1/auth/universal-auth/login/";

  test("logs in at the path with a slash at its end", async () => {
    const { clientId, clientSecret } = await world.credentials();
    const answer = granted(await api.call("POST", path, { json: { clientId, clientSecret } }));
    assert.deepEqual(Object.keys(answer), ["accessToken", "expiresIn", "accessTokenMaxTTL", "tokenType"]);
    const details = await api.call("GET", "/api/v1/identities/details", { bearer: answer.accessToken });
    assert.equal(details.status, 200);
  });

  test("prints why it was refused", async () => {
    const json = { clientId: "00000000-0000-4000-8000-000000000000", clientSecret: "0".repeat(64) };
    const answer = await api.call("POST", path, { json });
    assert.equal(answer.status, 401);
    assert.deepEqual(Object.keys(answer.body), PRINTED);
    assert.equal(answer.body.message, "Invalid credentials");
  });

  test("works as the form that the documentation shows", async () => {
    const { clientId, clientSecret } = await world.credentials();
    const body = new URLSearchParams({ clientId, clientSecret }).toString();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    granted(await api.call("POST", "/api/v1/auth/universal-auth/login", { body, headers }));
  });

  test("may name an organization, which changes nothing here", async () => {
    const { clientId, clientSecret } = await world.credentials();
    const json = { clientId, clientSecret, organizationSlug: "acme" };
    granted(await api.call("POST", "/api/v1/auth/universal-auth/login", { json }));
  });
});

suite("infisical token renew", () => {
  test("renews without a bearer", async () => {
    const { token } = await world.issue({ accessTokenTTL: 600, accessTokenMaxTTL: 3600 });
    const renewed = granted(await api.renew(token));
    assert.deepEqual(Object.keys(renewed), ["accessToken", "expiresIn", "accessTokenMaxTTL", "tokenType"]);
    // What is left of the 600 seconds: a renewal that gains less than a tenth of them changes nothing.
    assert.equal(renewed.accessToken, token);
    assert.ok(renewed.expiresIn > 590 && renewed.expiresIn <= 600, String(renewed.expiresIn));
  });

  test("takes white space around the token for a slip of the keyboard", async () => {
    const { token } = await world.issue();
    assert.equal(granted(await api.renew(` ${token}\n`)).accessToken, token);
  });
});

suite("infisical login status", () => {
  const verify = (bearer) => api.call("GET", "/api/v1/identities/details", { bearer });

  test("is verified with a token that works", async () => {
    assert.equal((await verify((await world.issue()).token)).status, 200);
  });

  for (const [what, { make, status, error, message }] of Object.entries(TOKEN_REFUSALS)) {
    test(`is rejected with ${what}`, async () => {
      const answer = await verify(await make(world));
      assert.deepEqual([answer.status, answer.body.error, answer.body.message], [status, error, message]);
      assert.deepEqual(Object.keys(answer.body).slice(0, PRINTED.length), PRINTED);
      // An untrusted address is named, so that its owner can be asked whether it should be trusted.
      if (error === "ForbiddenError") assert.match(answer.body.details.clientIp, /^(127\.0\.0\.1|::1)$/);
    });
  }
});

suite("infisical bootstrap", () => {
  test("is refused the second time", async () => {
    const again = await api.bootstrap(world.authSecret, "Acme");
    assert.equal(again.status, 400);
    assert.equal(again.body.message, "Instance has already been set up");
  });
});

suite("the Go client", () => {
  test("revokes its own token, which it also sends as bearer", async () => {
    const { token } = await world.issue();
    const json = { accessToken: token };
    const answer = await api.call("POST", "/api/v1/auth/token/revoke", { bearer: token, json });
    assert.deepEqual([answer.status, answer.body.message], [200, "Successfully revoked access token"]);
    assert.equal((await api.call("GET", "/api/v1/identities/details", { bearer: token })).status, 401);
  });

  test("sees in a login with a period that it has to renew, and when", async () => {
    const credentials = await world.credentials({ accessTokenPeriod: 300 });
    const answer = granted(await world.login(credentials));
    assert.deepEqual([answer.expiresIn, answer.accessTokenMaxTTL], [300, 1_000_000_000]);
  });
});

suite("a POST without anything to say", () => {
  const revoke = (id, options) =>
    api.call("POST", `/api/v1/auth/token-auth/tokens/${id}/revoke`, { bearer: administrator, ...options });

  const spellings = {
    "has the body {}": { json: {} },
    "has an empty body that claims to be JSON": { headers: JSON_TYPE, body: "" },
    "has no body and no content type": {},
  };
  for (const [what, options] of Object.entries(spellings)) {
    test(what, async () => {
      const { id } = await world.issue();
      assert.equal((await revoke(id, options)).status, 200);
      assert.equal((await world.installation.view(id)).isAccessTokenRevoked, true);
    });
  }
});
