// The official Python client (PyPI `infisicalsdk`), by way of tests/clients/python/client.py.

import assert from "node:assert/strict";
import path from "node:path";
import { suite, test } from "node:test";

import { LineClient, SOURCES } from "./support/line_client.mjs";
import { SECRET_REFUSALS, TOKEN_REFUSALS, World, noRoute } from "./support/world.mjs";

const world = await World.begin();
const client = new LineClient("python/bin/python", path.join(SOURCES, "python/client.py"), world.url);
const organization = (await world.manage("GET", "/api/v1/identities/details")).identityDetails.organization;

// What the user of the client sees of an answer that is an error.
function check({ refused }, { status, error, message }) {
  assert.equal(refused?.status, status);
  assert.equal(refused.text, `${message} (Status: ${status})`);
  assert.equal(refused.body.error, error);
}

suite("the Python client with an access token", () => {
  for (const call of ["useToken", "logInWithToken"]) {
    test(`works (${call})`, async () => {
      const { token } = await world.issue();
      const { done } = await client.call({ call, token });
      assert.deepEqual(done, { token, details: { identityDetails: { organization } } });
    });

    for (const [what, refusal] of Object.entries(TOKEN_REFUSALS)) {
      test(`shows why ${what} is refused (${call})`, async () => {
        check(await client.call({ call, token: await refusal.make(world) }), refusal);
      });
    }
  }

  test("is told that there are no secrets here", async () => {
    const { token } = await world.issue();
    const message = noRoute("GET", "/api/v3/secrets/raw");
    check(await client.call({ call: "listSecrets", token }), { status: 404, error: "Not Found", message });
  });
});

suite("the Python client with Universal Auth", () => {
  const call = "logInWithUniversalAuth";

  test("logs in, parses the whole answer and uses the token", async () => {
    const credentials = await world.credentials({ accessTokenTTL: 600, accessTokenMaxTTL: 3600 });
    const { done } = await client.call({ call, ...credentials });
    const { accessToken, ...rest } = done.login;
    assert.deepEqual(rest, { expiresIn: 600, accessTokenMaxTTL: 3600, tokenType: "Bearer" });
    assert.equal(done.token, accessToken);
    assert.deepEqual(done.details, { identityDetails: { organization } });
  });

  for (const [what, refusal] of Object.entries(SECRET_REFUSALS)) {
    test(`shows why ${what} is refused`, async () => {
      check(await client.call({ call, ...(await refusal.make(world)) }), refusal);
    });
  }
});
