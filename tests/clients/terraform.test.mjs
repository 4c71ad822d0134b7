// The calls of Infisical's Terraform provider, as its source sends them: the same paths, the same bodies with all that
// it leaves in or drops, and what it reads of the answers. The provider itself is a Go program that no package registry
// brings, so these are its requests without it.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { World } from "./support/world.mjs";

const world = await World.begin();
const { organizationId } = world;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// One request of the provider: it names itself and accepts JSON.
const send = (method, path, json) =>
  world.api.call(method, path, {
    bearer: world.administrator,
    json,
    headers: { accept: "application/json", "user-agent": "terraform" },
  });

async function done(method, path, json) {
  const answer = await send(method, path, json);
  assert.equal(answer.status, 200, `${method} ${path} ${answer.text}`);
  return answer.body;
}

const create = async (name) => {
  const body = { name, hasDeleteProtection: false, organizationId, role: "no-access" };
  return (await done("POST", "/api/v1/identities", body)).identity;
};

test("data infisical_identity_details tells the provider who it is", async () => {
  const { organization } = (await done("GET", "/api/v1/identities/details")).identityDetails;
  assert.equal(organization.id, organizationId);
  assert.deepEqual(Object.keys(organization), ["id", "name", "slug"]);
});

test("data infisical_organization finds no slug but the caller's own", async () => {
  const answer = await done("GET", "/api/v1/sub-organizations?limit=1000&offset=0");
  assert.deepEqual(answer, { organizations: [], totalCount: 0 });
});

test("infisical_identity is created, read, changed and destroyed", async () => {
  const metadata = [{ key: "team", value: "build" }];
  const body = { name: "runner", hasDeleteProtection: false, organizationId, role: "member", metadata };
  const { identity } = await done("POST", "/api/v1/identities", body);
  const path = `/api/v1/identities/${identity.id}`;
  const read = (await done("GET", path)).identity;
  assert.deepEqual([read.role, read.orgId, read.identity.authMethods], ["member", organizationId, []]);
  assert.deepEqual(read.metadata.map(({ key, value }) => ({ key, value })), metadata);
  assert.match(read.createdAt, RFC_3339);

  const named = { identityId: identity.id, name: "worker" };
  const changes = { ...named, role: "no-access", hasDeleteProtection: false, metadata: [] };
  assert.equal((await done("PATCH", path, changes)).identity.name, "worker");
  assert.deepEqual((await done("GET", path)).identity.metadata, []);
  await done("DELETE", path);
  assert.equal((await send("GET", path)).status, 404);
});

suite("infisical_identity_token_auth", () => {
  const pathOf = (identity) => `/api/v1/auth/token-auth/identities/${identity.id}`;
  // As the provider puts an entry together again.
  const rebuilt = ({ ipAddress, prefix }) => (prefix === undefined ? ipAddress : `${ipAddress}/${prefix}`);

  test("comes back as it was planned: order, host bits, and prefixes only where they were given", async () => {
    const planned = ["10.1.2.3/8", "203.0.113.7", "2001:db8::1/32", "2001:db8::7", "0.0.0.0/0"];
    const path = pathOf(await create("token-auth"));
    const accessTokenTrustedIps = planned.map((ipAddress) => ({ ipAddress }));
    // Numbers that are 0 are dropped from the body.
    const body = { accessTokenTrustedIps, accessTokenTTL: 3600, accessTokenMaxTTL: 7200 };
    const attached = (await done("POST", path, body)).identityTokenAuth;
    assert.deepEqual([attached.accessTokenTTL, attached.accessTokenNumUsesLimit], [3600, 0]);
    for (const shown of [attached, (await done("GET", path)).identityTokenAuth]) {
      assert.deepEqual(shown.accessTokenTrustedIps.map(rebuilt), planned);
    }
    const changed = await done("PATCH", path, { ...body, accessTokenNumUsesLimit: 9 });
    assert.equal(changed.identityTokenAuth.accessTokenNumUsesLimit, 9);
  });

  test("has the usual list of addresses when none is planned, and can be imported and destroyed", async () => {
    const identity = await create("default");
    const path = pathOf(identity);
    const { accessTokenTrustedIps } = (await done("POST", path, {})).identityTokenAuth;
    assert.deepEqual(accessTokenTrustedIps.map(rebuilt), ["0.0.0.0/0", "::/0"]);
    const { authMethods } = (await done("GET", `/api/v1/identities/${identity.id}`)).identity.identity;
    assert.deepEqual(authMethods, ["token-auth"]);
    await done("DELETE", path);
    assert.equal((await send("GET", path)).status, 404);
  });
});

suite("infisical_identity_token_auth_token", () => {
  async function made(name) {
    const identity = await create("tokens");
    await done("POST", `/api/v1/auth/token-auth/identities/${identity.id}`, {});
    const body = { identityId: identity.id, name };
    return done("POST", `/api/v1/auth/token-auth/identities/${identity.id}/tokens`, body);
  }

  test("is created without a name, read, renamed, and gone when it was revoked", async () => {
    const { accessToken, tokenData } = await made("");
    assert.equal(tokenData.name, "");
    const path = `/api/v1/auth/token-auth/tokens/${tokenData.id}`;
    assert.equal((await done("GET", path)).token.isAccessTokenRevoked, false);
    assert.equal((await done("PATCH", path, { tokenId: tokenData.id, name: "ci" })).token.name, "ci");
    assert.equal((await world.api.validate(accessToken)).status, 200);

    const revocation = { identityId: tokenData.identityId, tokenId: tokenData.id };
    await done("POST", `${path}/revoke`, revocation);
    assert.equal((await done("GET", path)).token.isAccessTokenRevoked, true);
    // A destroy whose answer was lost is tried again.
    await done("POST", `${path}/revoke`, revocation);
  });

  test("is gone when there is none of its id", async () => {
    const path = "/api/v1/auth/token-auth/tokens/00000000-0000-4000-8000-000000000000";
    assert.equal((await send("GET", path)).status, 404);
    assert.equal((await send("POST", `${path}/revoke`, {})).status, 404);
  });
});

test("infisical_identity_universal_auth and its client secret are created, read, changed and destroyed", async () => {
  const identity = await create("universal-auth");
  const path = `/api/v1/auth/universal-auth/identities/${identity.id}`;
  const everybody = [{ ipAddress: "0.0.0.0/0" }, { ipAddress: "::/0" }];
  const lifetime = { accessTokenTTL: 600, accessTokenMaxTTL: 3600 };
  const body = { clientSecretTrustedIps: everybody, accessTokenTrustedIps: everybody, ...lifetime };
  const { clientId } = (await done("POST", path, body)).identityUniversalAuth;
  assert.equal((await done("PATCH", path, { ...body, accessTokenTTL: 900 })).identityUniversalAuth.accessTokenTTL, 900);
  assert.equal((await done("GET", path)).identityUniversalAuth.clientId, clientId);

  const secret = await done("POST", `${path}/client-secrets`, { description: "ci", numUsesLimit: 3, ttl: 600 });
  const secretPath = `${path}/client-secrets/${secret.clientSecretData.id}`;
  assert.equal((await done("GET", secretPath)).clientSecretData.isClientSecretRevoked, false);
  assert.equal((await world.login({ clientId, clientSecret: secret.clientSecret })).status, 200);
  await done("POST", `${secretPath}/revoke`);
  assert.equal((await done("GET", secretPath)).clientSecretData.isClientSecretRevoked, true);
  await done("DELETE", path);
  assert.equal((await send("GET", path)).status, 404);
});

suite("infisical_project", () => {
  const project = async (projectName) => {
    const body = { projectName, type: "secret-manager", shouldCreateDefaultEnvs: true };
    return (await done("POST", "/api/v2/workspace", body)).project;
  };

  test("is created, read by slug and by id, changed and destroyed", async () => {
    const { id, slug, name } = await project("Shop");
    assert.equal((await done("GET", `/api/v2/workspace/${slug}`)).id, id);
    assert.equal((await done("GET", `/api/v1/workspace/${id}`)).workspace.name, name);
    await done("PATCH", `/api/v1/projects/${id}`, { name: "Store", hasDeleteProtection: false });
    await done("DELETE", `/api/v2/workspace/${slug}`);
    assert.equal((await send("GET", `/api/v2/workspace/${slug}`)).status, 404);
  });

  test("takes an identity in: zero-valued temporary fields stand beside a permanent role", async () => {
    const { id } = await project("Members");
    const identity = await create("member");
    const nothing = { temporaryMode: "", temporaryRange: "", temporaryAccessStartTime: "0001-01-01T00:00:00Z" };
    const permanent = { role: "viewer", isTemporary: false, ...nothing };
    const path = `/api/v2/workspace/${id}/identity-memberships/${identity.id}`;
    const { identityMembership } = await done("POST", path, { roles: [permanent] });
    const byMembership = `/api/v2/workspace/identity-memberships/${identityMembership.id}`;
    for (const from of [path, byMembership]) {
      const found = (await done("GET", from)).identityMembership;
      assert.equal(found.identity.id, identity.id);
      assert.deepEqual(found.roles.map(({ role, isTemporary }) => [role, isTemporary]), [["viewer", false]]);
    }
    const start = new Date().toISOString();
    const hour = { temporaryMode: "relative", temporaryRange: "1h", temporaryAccessStartTime: start };
    const temporary = { role: "admin", isTemporary: true, ...hour };
    const { roles } = await done("PATCH", path, { roles: [permanent, temporary] });
    const shown = roles.map(({ role, isTemporary }) => [role, isTemporary]);
    assert.deepEqual(shown, [["viewer", false], ["admin", true]]);
    await done("DELETE", path);
    assert.equal((await send("GET", path)).status, 404);
  });

  test("has roles, of the project and of the organization", async () => {
    const { id, slug } = await project("Roles");
    const permissions = [{ subject: "requests", action: ["read"], conditions: { path: { $glob: "/public/**" } } }];
    const body = { slug: "reader", name: "Reader", description: "", permissions };
    const made = (await done("POST", `/api/v2/workspace/${id}/roles`, body)).role;
    assert.equal((await done("GET", `/api/v2/workspace/${id}/roles/slug/reader`)).role.id, made.id);
    assert.equal((await done("GET", `/api/v1/workspace/${slug}/roles/slug/reader`)).role.id, made.id);
    await done("PATCH", `/api/v2/workspace/${id}/roles/${made.id}`, { ...body, name: "Readers" });
    await done("DELETE", `/api/v2/workspace/${id}/roles/${made.id}`);

    const rules = [{ subject: "identity", action: ["read"] }];
    const ofAll = { slug: "auditor", name: "Auditor", description: "", permissions: rules };
    const { role } = await done("POST", "/api/v1/organization/roles", ofAll);
    assert.deepEqual([role.orgId, role.permissions.length], [organizationId, 1]);
    assert.equal((await done("GET", "/api/v1/organization/roles/slug/auditor")).role.id, role.id);
    await done("PATCH", `/api/v1/organization/roles/${role.id}`, { ...ofAll, name: "Auditors" });
    await done("DELETE", `/api/v1/organization/roles/${role.id}`);
    assert.equal((await send("GET", `/api/v1/organization/roles/${role.id}`)).status, 404);
  });
});
