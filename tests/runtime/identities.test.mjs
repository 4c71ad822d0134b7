// Machine identities: create, list, show, change, delete, and who am I.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { DATE, ID, assertManagementError, assertShape } from "../support/shape.mjs";

const IDENTITIES = "/api/v1/identities";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api } = worker;
const { administrator: bearer, organizationId } = installation;

test("a created identity is returned, listed and shown", async () => {
  const created = granted(
    await api.createIdentity(bearer, {
      name: " build-server ",
      organizationId,
      role: "member",
      hasDeleteProtection: true,
      metadata: [{ key: "team", value: "release" }],
      unknownField: "is dropped",
    }),
  );
  const metadata = [{ id: ID, key: "team", value: "release" }];
  assertShape(created, {
    identity: {
      id: ID,
      name: "build-server",
      authMethod: null,
      createdAt: DATE,
      updatedAt: DATE,
      hasDeleteProtection: true,
      orgId: organizationId,
      projectId: null,
      authMethods: [],
      metadata,
    },
  });

  const { id } = created.identity;
  const inner = { name: "build-server", id, hasDeleteProtection: true, orgId: organizationId, authMethods: [] };
  const membership = {
    id: ID,
    role: "member",
    roleId: null,
    orgId: organizationId,
    createdAt: DATE,
    updatedAt: DATE,
    identityId: id,
    lastLoginAuthMethod: null,
    lastLoginTime: null,
  };
  assertShape(granted(await api.call("GET", `${IDENTITIES}/${id}`, { bearer })), {
    identity: { ...membership, metadata, identity: { ...inner, activeLockoutAuthMethods: [] } },
  });
  const list = granted(await api.call("GET", `${IDENTITIES}?orgId=${organizationId}`, { bearer }));
  assert.equal(list.totalCount, list.identities.length);
  assertShape(
    list.identities.find(({ identityId }) => identityId === id),
    { ...membership, identity: inner },
  );
});

test("an identity without a role has none", async () => {
  const id = granted(await api.createIdentity(bearer, { name: "plain", organizationId })).identity.id;
  assert.equal(granted(await api.call("GET", `${IDENTITIES}/${id}`, { bearer })).identity.role, "no-access");
});

test("an identity is changed in what is named and in nothing else", async () => {
  const id = await installation.identity({ name: "before", role: "member" });
  const json = { name: "after", metadata: [{ key: "a", value: "b" }] };
  const changed = granted(await api.call("PATCH", `${IDENTITIES}/${id}`, { bearer, json })).identity;
  assert.equal(changed.name, "after");
  const shown = granted(await api.call("GET", `${IDENTITIES}/${id}`, { bearer })).identity;
  assert.equal(shown.identity.name, "after");
  assert.equal(shown.role, "member");
  assertShape(shown.metadata, [{ id: ID, key: "a", value: "b" }]);
});

test("a protected identity is not deleted until its protection is taken away", async () => {
  const id = await installation.identity();
  const protect = (hasDeleteProtection) =>
    api.call("PATCH", `${IDENTITIES}/${id}`, { bearer, json: { hasDeleteProtection } });
  granted(await protect(true));
  assertManagementError(await api.deleteIdentity(bearer, id), 400, "BadRequest", "Identity has delete protection");
  assert.equal((await api.call("GET", `${IDENTITIES}/${id}`, { bearer })).status, 200);

  granted(await protect(false));
  assert.equal(granted(await api.deleteIdentity(bearer, id)).identity.id, id);
  const missing = `Failed to find identity with id ${id}`;
  assertManagementError(await api.deleteIdentity(bearer, id), 404, "NotFound", missing);
  assertManagementError(await api.call("GET", `${IDENTITIES}/${id}`, { bearer }), 404, "NotFound", missing);
});

test("a bearer learns its own organization, whatever its role", async () => {
  const { token } = await installation.issue({}, { role: "no-access" });
  const details = granted(await api.call("GET", `${IDENTITIES}/details`, { bearer: token }));
  assert.deepEqual(details, { identityDetails: { organization: { id: organizationId, name: "Acme", slug: "acme" } } });
});

test("an identity without permission can neither read nor change, and nothing has changed", async () => {
  const { token, identity } = await installation.issue({}, { role: "no-access" });
  const refused = [
    await api.createIdentity(token, { name: "mine", organizationId }),
    await api.call("GET", `${IDENTITIES}?orgId=${organizationId}`, { bearer: token }),
    await api.call("PATCH", `${IDENTITIES}/${identity}`, { bearer: token, json: { role: "admin" } }),
    await api.deleteIdentity(token, installation.administratorId),
    await api.attachTokenAuth(token, installation.administratorId, {}),
    await api.createToken(token, installation.administratorId),
  ];
  for (const answer of refused) assert.equal(answer.status, 403, answer.text);
  assert.equal(granted(await api.call("GET", `${IDENTITIES}/${identity}`, { bearer })).identity.role, "no-access");
  const list = granted(await api.call("GET", `${IDENTITIES}?orgId=${organizationId}`, { bearer }));
  assert.ok(!list.identities.some(({ identity: { name } }) => name === "mine"));
});

test("a member cannot create an identity that may do more than itself", async () => {
  const { token } = await installation.issue({}, { role: "member" });
  const answer = await api.createIdentity(token, { name: "stronger", organizationId, role: "admin" });
  assert.equal(answer.status, 403, answer.text);
  const list = granted(await api.call("GET", `${IDENTITIES}?orgId=${organizationId}`, { bearer }));
  assert.ok(!list.identities.some(({ identity: { name } }) => name === "stronger"));
});
