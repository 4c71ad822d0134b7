// The official Rust client (crates.io `infisical`), by way of tests/clients/rust. It knows Universal Auth only.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { LineClient } from "./support/line_client.mjs";
import { OFFICE_ONLY, SECRET_REFUSALS, TOKEN_REFUSALS, World } from "./support/world.mjs";

const world = await World.begin();
const client = new LineClient("rust/debug/token-auth-edge-client", world.url);
const organization = (await world.manage("GET", "/api/v1/identities/details")).identityDetails.organization;

suite("the Rust client with Universal Auth", () => {
  test("logs in and uses the token on the connection it made for itself", async () => {
    const { done } = await client.call(await world.credentials());
    assert.deepEqual(done, { details: { identityDetails: { organization } } });
  });

  test("has consumed one use of the client secret with that", async () => {
    const credentials = await world.credentials({}, { numUsesLimit: 5 });
    await client.call(credentials);
    const { clientSecretData } = await world.manage("GET", `${credentials.path}/client-secrets/${credentials.id}`);
    assert.equal(clientSecretData.clientSecretNumUses, 1);
  });

  for (const [what, refusal] of Object.entries(SECRET_REFUSALS)) {
    test(`shows why ${what} is refused`, async () => {
      const { refused } = await client.call(await refusal.make(world));
      assert.equal(refused?.status, refusal.status);
      assert.deepEqual([refused.body.error, refused.body.message], [refusal.error, refusal.message]);
    });
  }

  test("gets a token that its next request may still be refused for", async () => {
    const { status, error, message } = TOKEN_REFUSALS["a token that is used from an address that is not trusted"];
    const { details } = (await client.call(await world.credentials({ accessTokenTrustedIps: OFFICE_ONLY }))).done;
    assert.deepEqual([details.statusCode, details.error, details.message], [status, error, message]);
  });
});
