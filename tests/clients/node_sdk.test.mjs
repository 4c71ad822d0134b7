// The official Node client (npm `@infisical/sdk`).

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { suite, test } from "node:test";

import { until } from "../support/waiting.mjs";
import { CLIENTS } from "./support/line_client.mjs";
import { ADMIN, SECRET_REFUSALS, TOKEN_REFUSALS, World, noRoute } from "./support/world.mjs";

const { InfisicalSDK } = createRequire(path.join(CLIENTS, "node/package.json"))("@infisical/sdk");

const world = await World.begin();
const client = () => new InfisicalSDK({ siteUrl: world.url });
const withToken = (token) => client().auth().accessToken(token);

// What the user of the client sees of an answer that is an error.
async function check(attempt, method, route, { status, message }, name = "InfisicalSDKRequestError") {
  await assert.rejects(attempt, {
    name,
    message: `[URL=${world.url}${route}] [Method=${method}] [StatusCode=${status}] ${message}`,
  });
}

suite("the Node client with an access token", () => {
  test("creates a project with the usual environments, and another environment", async () => {
    const { token } = await world.issue({}, ADMIN);
    const sdk = withToken(token);
    assert.equal(sdk.auth().getAccessToken(), token);
    const described = { projectName: "Shop", type: "secret-manager", projectDescription: "What we sell" };
    const project = await sdk.projects().create(described);
    assert.deepEqual([project.name, project.orgId], ["Shop", world.organizationId]);
    assert.deepEqual(project.environments.map(({ slug }) => slug), ["dev", "staging", "prod"]);
    const environment = await sdk.environments().create({ projectId: project.id, name: "Test", slug: "test" });
    assert.deepEqual([environment.name, environment.slug], ["Test", "test"]);
    const { workspace } = await world.manage("GET", `/api/v1/workspace/${project.id}`);
    assert.equal(workspace.environments.length, 4);
  });

  for (const [what, refusal] of Object.entries(TOKEN_REFUSALS)) {
    test(`shows why ${what} is refused`, async () => {
      const sdk = withToken(await refusal.make(world));
      const attempt = sdk.projects().create({ projectName: "Shop", type: "secret-manager" });
      await check(attempt, "POST", "/api/v2/workspace", refusal);
    });
  }

  test("shows which permission is missing", async () => {
    const { token } = await world.issue();
    const attempt = withToken(token).projects().create({ projectName: "Shop", type: "secret-manager" });
    const message = "You are not allowed to create on workspace";
    await check(attempt, "POST", "/api/v2/workspace", { status: 403, message });
  });

  test("is told that there are no human users to invite", async () => {
    const { token } = await world.issue();
    const attempt = withToken(token).projects().inviteMembers({ projectId: "x", emails: ["a@example.com"] });
    const route = "/api/v2/workspace/x/memberships";
    await check(attempt, "POST", route, { status: 404, message: noRoute("POST", route) });
  });
});

suite("the Node client renews", () => {
  // A renewal that is refused is thrown twice inside the client, and so under a more general name.
  const RENEW = "/api/v1/auth/token/renew";
  const refused = (attempt, refusal) => check(attempt, "POST", RENEW, refusal, "InfisicalSDKError");
  const renew = (token) => withToken(token).auth().universalAuth.renew();

  test("an opaque token, which stays the same, lives longer and works on", async () => {
    const { token, id } = await world.issue({ accessTokenTTL: 10, accessTokenMaxTTL: 3600 }, ADMIN);
    // A renewal that gains less than a second changes nothing.
    await until(Date.now() + 1_100);
    const sdk = await renew(token);
    assert.equal(sdk.auth().getAccessToken(), token);
    assert.notEqual((await world.installation.view(id)).accessTokenLastRenewedAt, null);
    await sdk.projects().create({ projectName: "Shop", type: "secret-manager" });
  });

  test("and consumes no use, although it sends the token as bearer too", async () => {
    const { token } = await world.issue({ accessTokenNumUsesLimit: 1 }, ADMIN);
    for (let renewal = 0; renewal < 3; renewal += 1) await renew(token);
    await withToken(token).projects().create({ projectName: "Shop", type: "secret-manager" });
    await refused(renew(token), { status: 401, message: "Cannot renew exhausted access token" });
  });

  const messages = {
    "a revoked token": "Cannot renew: token has been revoked",
    "a token whose uses are used up": "Cannot renew exhausted access token",
  };
  for (const [what, { make, ...refusal }] of Object.entries(TOKEN_REFUSALS)) {
    test(`and shows why ${what} is refused`, async () => {
      const token = await make(world);
      await refused(renew(token), { ...refusal, message: messages[what] ?? refusal.message });
    });
  }

  test("without a token not at all", async () => {
    await assert.rejects(client().auth().universalAuth.renew(), /no access token set/);
  });
});

suite("the Node client with Universal Auth", () => {
  const LOGIN = "/api/v1/auth/universal-auth/login";
  const login = ({ clientId, clientSecret }) => client().auth().universalAuth.login({ clientId, clientSecret });

  test("logs in, works and renews", async () => {
    const sdk = await login(await world.credentials({}, {}, ADMIN));
    const project = await sdk.projects().create({ projectName: "Shop", type: "secret-manager" });
    assert.equal(project.name, "Shop");
    const token = sdk.auth().getAccessToken();
    assert.equal((await sdk.auth().universalAuth.renew()).auth().getAccessToken(), token);
  });

  for (const [what, refusal] of Object.entries(SECRET_REFUSALS)) {
    test(`shows why ${what} is refused`, async () => {
      await check(login(await refusal.make(world)), "POST", LOGIN, refusal);
    });
  }
});
