// The whole life of a token with the client that openapi-typescript and openapi-fetch make of openapi.json. tsc checks it
// strictly: no assertion of a type stands here, so each value is of the type that the document promises.

import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { paths } from "./schema.d.ts";

const { URL: baseUrl = "", AUTH_SECRET: authSecret = "" } = process.env;
const client = createClient<paths>({ baseUrl });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

// What a call answers that must succeed.
async function done<Data>(call: Promise<{ data?: Data; error?: unknown; response: Response }>): Promise<Data> {
  const { data, error, response } = await call;
  assert.ok(data !== undefined, `${response.status} ${JSON.stringify(error)}`);
  return data;
}

const { organization, identity: administrator } = await done(
  client.POST("/api/v1/admin/bootstrap", { body: { organization: "Acme" }, ...bearer(authSecret) }),
);
const asAdministrator = bearer(administrator.credentials.token);

const { identity } = await done(
  client.POST("/api/v1/identities", {
    body: { name: "runner", organizationId: organization.id, role: "member", metadata: [{ key: "team", value: "build" }] },
    ...asAdministrator,
  }),
);
const ofIdentity = { params: { path: { identityId: identity.id } }, ...asAdministrator };
const { identityTokenAuth } = await done(
  client.POST("/api/v1/auth/token-auth/identities/{identityId}", {
    body: { accessTokenTTL: 600, accessTokenMaxTTL: 3600, accessTokenNumUsesLimit: 3 },
    ...ofIdentity,
  }),
);
assert.deepEqual(identityTokenAuth.accessTokenTrustedIps.map(({ prefix }) => prefix), [0, 0]);

const { accessToken, tokenData } = await done(
  client.POST("/api/v1/auth/token-auth/identities/{identityId}/tokens", { body: { name: "ci" }, ...ofIdentity }),
);
const ofToken = { params: { path: { tokenId: tokenData.id } }, ...asAdministrator };
const list = () =>
  done(
    client.GET("/api/v1/auth/token-auth/identities/{identityId}/tokens", {
      params: { path: { identityId: identity.id }, query: { limit: 5 } },
      ...asAdministrator,
    }),
  );
const { tokens } = await list();
assert.deepEqual(tokens.map(({ id, name, isAccessTokenRevoked }) => ({ id, name, isAccessTokenRevoked })), [
  { id: tokenData.id, name: "ci", isAccessTokenRevoked: false },
]);

const who = await done(client.GET("/validate", bearer(accessToken)));
assert.deepEqual([who.identityName, who.usesRemaining], ["runner", 2]);

const renewed = await done(client.POST("/api/v1/auth/token/renew", { body: { accessToken } }));
assert.equal(renewed.accessToken, accessToken);
assert.ok(renewed.expiresIn > 590 && renewed.expiresIn <= 600);
assert.equal((await done(client.GET("/validate", bearer(accessToken)))).usesRemaining, 1);

const revoked = await done(client.POST("/api/v1/auth/token-auth/tokens/{tokenId}/revoke", ofToken));
assert.equal(revoked.message, "Successfully revoked access token");
assert.equal((await list()).tokens[0]?.isAccessTokenRevoked, true);
const { error: problem, response } = await client.GET("/validate", bearer(accessToken));
assert.deepEqual([response.status, problem?.code], [401, "invalid_token"]);

// What is wrong is named by its place.
const { error } = await client.POST("/api/v1/identities", { body: { name: "", organizationId: organization.id }, ...asAdministrator });
assert.ok(typeof error?.message === "object");
assert.deepEqual(error.message.map((issue) => issue.path), [["name"]]);

console.log("typescript: the whole life of a token");
