// What Infisical's Terraform provider does, after its source (August 2026): for each resource the requests of create,
// read, update, import and delete, with all that the bodies leave in or drop, and what it keeps of the answers as state.
// The provider itself is a Go program that no package registry brings.

import assert from "node:assert/strict";

// How Terraform treats an attribute when it compares a configuration with the state:
//   "given"     only the configuration sets it: what it leaves out has to be null in the state
//   "either"    the server sets it where the configuration does not
//   "computed"  the server sets it
// `set` compares without order, `json` as a JSON value, `fields` names the attributes of each element of a list.
const GIVEN = { by: "given" };
const EITHER = { by: "either" };
const COMPUTED = { by: "computed" };
// It may change from one look to the next without anybody's doing.
const COUNTED = { by: "computed", moves: true };

// Go reads null and what is missing as the zero of its type.
const text = (value) => value ?? "";
const number = (value) => value ?? 0;
const truth = (value) => value ?? false;
// Its times go into the state without fractions of seconds.
const seconds = (time) => `${(time ?? "0001-01-01T00:00:00Z").replace(/\.\d+/, "")}`;
// `omitempty`: what is zero is not sent.
const withoutZeros = (body) => Object.fromEntries(Object.entries(body).filter(([, value]) => value && value.length !== 0));

export class Provider {
  #api;
  #bearer;
  // Every path that was asked, as the test's report shows it.
  calls = 0;

  constructor(api, bearer) {
    this.#api = api;
    this.#bearer = bearer;
  }

  // One request of the provider: it names itself and accepts JSON.
  send(method, path, json) {
    this.calls += 1;
    const headers = { accept: "application/json", "user-agent": "terraform" };
    return this.#api.call(method, path, { bearer: this.#bearer, json, headers });
  }

  async done(method, path, json) {
    const answer = await this.send(method, path, json);
    assert.equal(answer.status, 200, `${method} ${path} ${answer.text}`);
    return answer.body;
  }

  // `undefined` when there is none: the provider then takes the resource out of its state.
  async found(path) {
    const answer = await this.send("GET", path);
    if (answer.status === 404) return undefined;
    assert.equal(answer.status, 200, `GET ${path} ${answer.text}`);
    return answer.body;
  }
}

// An entry of trusted IPs, put together again.
const entry = ({ ipAddress, prefix }) => (prefix === undefined ? ipAddress : `${ipAddress}/${prefix}`);
const entries = (addresses) => addresses?.map((ipAddress) => ({ ipAddress }));
// A list of methods is null while there are none.
const methods = (authMethods) => (authMethods?.length > 0 ? authMethods : null);

const identity = {
  attributes: {
    id: COMPUTED, name: GIVEN, org_id: GIVEN, role: GIVEN, has_delete_protection: EITHER, auth_modes: COMPUTED,
    metadata: { ...GIVEN, set: true },
  },
  body: (plan) => ({
    name: plan.name, hasDeleteProtection: truth(plan.has_delete_protection), role: plan.role,
  }),
  async create(provider, plan) {
    const metadata = plan.metadata ?? [];
    const body = { ...this.body(plan), organizationId: plan.org_id, ...(metadata.length > 0 && { metadata }) };
    const made = (await provider.done("POST", "/api/v1/identities", body)).identity;
    return { ...plan, id: made.id, has_delete_protection: made.hasDeleteProtection, auth_modes: methods(made.authMethods) };
  },
  async get(provider, id) {
    const found = (await provider.found(`/api/v1/identities/${id}`))?.identity;
    return found && {
      name: text(found.identity.name),
      has_delete_protection: truth(found.identity.hasDeleteProtection),
      auth_modes: methods(found.identity.authMethods),
      role: found.customRole ? found.customRole.slug : text(found.role),
      org_id: text(found.orgId),
      metadata: (found.metadata ?? []).map(({ key, value }) => ({ key, value })),
    };
  },
  async read(provider, state) {
    const found = await this.get(provider, state.id);
    if (found === undefined) return undefined;
    return { ...state, ...found, org_id: state.org_id, metadata: state.metadata === null ? null : found.metadata };
  },
  async update(provider, plan, state) {
    const body = { identityId: state.id, ...this.body(plan), metadata: plan.metadata ?? [] };
    const changed = (await provider.done("PATCH", `/api/v1/identities/${state.id}`, body)).identity;
    return { ...plan, id: state.id, has_delete_protection: changed.hasDeleteProtection, auth_modes: methods(changed.authMethods) };
  },
  async import(provider, id) {
    return { id, ...(await this.get(provider, id)) };
  },
  remove: (provider, state) => provider.done("DELETE", `/api/v1/identities/${state.id}`),
  id: (state) => state.id,
  // An import takes an identity without metadata for one with an empty set of them, whatever the server answers.
  differsAfterImport: ["metadata"],
};

const LIFETIMES = {
  access_token_ttl: EITHER, access_token_max_ttl: EITHER, access_token_num_uses_limit: EITHER,
  access_token_trusted_ips: EITHER,
};
const lifetimes = (plan) =>
  withoutZeros({
    accessTokenTTL: plan.access_token_ttl,
    accessTokenMaxTTL: plan.access_token_max_ttl,
    accessTokenNumUsesLimit: plan.access_token_num_uses_limit,
    accessTokenTrustedIps: entries(plan.access_token_trusted_ips),
  });
const lifetimesOf = (found) => ({
  access_token_ttl: number(found.accessTokenTTL),
  access_token_max_ttl: number(found.accessTokenMaxTTL),
  access_token_num_uses_limit: number(found.accessTokenNumUsesLimit),
  access_token_trusted_ips: found.accessTokenTrustedIps.map(entry),
});

const tokenAuth = {
  attributes: { id: COMPUTED, identity_id: GIVEN, ...LIFETIMES },
  path: (identity) => `/api/v1/auth/token-auth/identities/${identity}`,
  async create(provider, plan) {
    const body = { identityId: plan.identity_id, ...lifetimes(plan) };
    const made = (await provider.done("POST", this.path(plan.identity_id), body)).identityTokenAuth;
    return { ...plan, id: made.id, ...lifetimesOf(made) };
  },
  async read(provider, state) {
    const found = (await provider.found(this.path(state.identity_id)))?.identityTokenAuth;
    return found && { ...state, ...lifetimesOf(found) };
  },
  async update(provider, plan, state) {
    const body = { identityId: plan.identity_id, ...lifetimes(plan) };
    const changed = (await provider.done("PATCH", this.path(plan.identity_id), body)).identityTokenAuth;
    return { ...plan, id: state.id, ...lifetimesOf(changed) };
  },
  async import(provider, id) {
    const { auth_modes } = await identity.get(provider, id);
    assert.ok(auth_modes.includes("token-auth"), "the provider imports nothing else");
    const found = (await provider.done("GET", this.path(id))).identityTokenAuth;
    return { id: found.id, identity_id: found.identityId, ...lifetimesOf(found) };
  },
  remove(provider, state) {
    return provider.done("DELETE", this.path(state.identity_id));
  },
  id: (state) => state.identity_id,
};

const token = {
  attributes: {
    id: COMPUTED, name: GIVEN, identity_id: GIVEN, number_of_uses: COUNTED, number_of_uses_limit: COMPUTED, ttl: COMPUTED,
    token: COMPUTED, created_at: COMPUTED, is_revoked: COMPUTED,
  },
  shown: (found) => ({
    name: text(found.name),
    ttl: number(found.accessTokenTTL),
    is_revoked: truth(found.isAccessTokenRevoked),
    number_of_uses: number(found.accessTokenNumUses),
    number_of_uses_limit: number(found.accessTokenNumUsesLimit),
    created_at: seconds(found.createdAt),
  }),
  path: (id) => `/api/v1/auth/token-auth/tokens/${id}`,
  async create(provider, plan) {
    const path = `/api/v1/auth/token-auth/identities/${plan.identity_id}/tokens`;
    const made = await provider.done("POST", path, { identityId: plan.identity_id, name: text(plan.name) });
    return { ...plan, id: made.tokenData.id, token: made.accessToken, ...this.shown(made.tokenData) };
  },
  async read(provider, state) {
    const found = (await provider.found(this.path(state.id)))?.token;
    // One that was revoked is gone.
    return found === undefined || found.isAccessTokenRevoked ? undefined : { ...state, ...this.shown(found) };
  },
  async update(provider, plan, state) {
    const changed = (await provider.done("PATCH", this.path(state.id), { tokenId: state.id, name: plan.name })).token;
    return { ...plan, id: changed.id, identity_id: changed.identityId, token: state.token, ...this.shown(changed) };
  },
  async import(provider, id) {
    const found = (await provider.done("GET", this.path(id))).token;
    return { id: found.id, identity_id: found.identityId, token: "", ...this.shown(found) };
  },
  remove(provider, state) {
    return provider.done("POST", `${this.path(state.id)}/revoke`, { identityId: state.identity_id, tokenId: state.id });
  },
  id: (state) => state.id,
  // An imported token is without its secret.
  differsAfterImport: ["token"],
};

const universalAuth = {
  attributes: { id: COMPUTED, identity_id: GIVEN, client_secret_trusted_ips: EITHER, ...LIFETIMES },
  path: (identity) => `/api/v1/auth/universal-auth/identities/${identity}`,
  body: (plan) => ({
    identityId: plan.identity_id,
    ...lifetimes(plan),
    ...withoutZeros({ clientSecretTrustedIps: entries(plan.client_secret_trusted_ips) }),
  }),
  shown: (found) => ({ client_secret_trusted_ips: found.clientSecretTrustedIps.map(entry), ...lifetimesOf(found) }),
  async create(provider, plan) {
    const made = (await provider.done("POST", this.path(plan.identity_id), this.body(plan))).identityUniversalAuth;
    return { ...plan, id: made.id, ...this.shown(made) };
  },
  async read(provider, state) {
    const found = (await provider.found(this.path(state.identity_id)))?.identityUniversalAuth;
    return found && { ...state, ...this.shown(found) };
  },
  async update(provider, plan, state) {
    const changed = await provider.done("PATCH", this.path(plan.identity_id), this.body(plan));
    return { ...plan, id: state.id, ...this.shown(changed.identityUniversalAuth) };
  },
  remove(provider, state) {
    return provider.done("DELETE", this.path(state.identity_id));
  },
};

const clientSecret = {
  attributes: {
    id: COMPUTED, identity_id: GIVEN, description: GIVEN, number_of_uses_limit: EITHER, number_of_uses: COUNTED, ttl: EITHER,
    client_id: COMPUTED, client_secret: COMPUTED, created_at: COMPUTED, is_revoked: COMPUTED,
  },
  async create(provider, plan) {
    const base = universalAuth.path(plan.identity_id);
    const { clientId } = (await provider.done("GET", base)).identityUniversalAuth;
    const made = await provider.done("POST", `${base}/client-secrets`, {
      identityId: plan.identity_id,
      description: text(plan.description),
      numUsesLimit: number(plan.number_of_uses_limit),
      ttl: number(plan.ttl),
    });
    const { clientSecretData: data } = made;
    return {
      ...plan,
      id: data.id,
      client_id: clientId,
      client_secret: made.clientSecret,
      ttl: number(data.clientSecretTTL),
      is_revoked: truth(data.isClientSecretRevoked),
      number_of_uses: number(data.clientSecretNumUses),
      number_of_uses_limit: number(data.clientSecretNumUsesLimit),
      created_at: text(data.createdAt),
    };
  },
  async read(provider, state) {
    const found = await provider.found(`${universalAuth.path(state.identity_id)}/client-secrets/${state.id}`);
    if (found === undefined) return undefined;
    const { clientSecretData: data } = found;
    return { ...state, is_revoked: truth(data.isClientSecretRevoked), number_of_uses: number(data.clientSecretNumUses) };
  },
  remove(provider, state) {
    return provider.done("POST", `${universalAuth.path(state.identity_id)}/client-secrets/${state.id}/revoke`);
  },
  // The provider does not look at this: to it a revoked secret is still there.
  isGone: (state) => state.is_revoked,
};

const project = {
  attributes: {
    id: COMPUTED, slug: GIVEN, name: GIVEN, type: EITHER, description: GIVEN, template_name: GIVEN,
    kms_secret_manager_key_id: EITHER, should_create_default_envs: GIVEN, has_delete_protection: EITHER,
    audit_log_retention_days: EITHER, last_updated: { by: "computed", moves: true },
  },
  async get(provider, id) {
    const found = (await provider.found(`/api/v1/workspace/${id}`))?.workspace;
    return found && {
      id: found.id,
      slug: text(found.slug),
      name: text(found.name),
      type: text(found.type),
      description: found.description ? found.description : null,
      kms_secret_manager_key_id: text(found.kmsSecretManagerKeyId),
      has_delete_protection: truth(found.hasDeleteProtection),
      audit_log_retention_days: number(found.auditLogsRetentionDays),
      last_updated: seconds(found.updatedAt),
    };
  },
  async keep(provider, plan) {
    if (plan.audit_log_retention_days === null) return;
    const path = `/api/v1/workspace/${plan.slug}/audit-logs-retention`;
    await provider.done("PUT", path, { ProjectSlug: plan.slug, auditLogsRetentionDays: plan.audit_log_retention_days });
  },
  async create(provider, plan) {
    const type = plan.type ?? "secret-manager";
    const optional = { projectDescription: plan.description, template: plan.template_name, type };
    const body = {
      projectName: plan.name,
      slug: plan.slug,
      organizationSlug: "",
      ...withoutZeros(optional),
      shouldCreateDefaultEnvs: plan.should_create_default_envs ?? true,
      hasDeleteProtection: truth(plan.has_delete_protection),
    };
    const made = (await provider.done("POST", "/api/v2/workspace", body)).project;
    await this.keep(provider, plan);
    const found = await this.get(provider, made.id);
    const { kms_secret_manager_key_id, has_delete_protection, audit_log_retention_days } = found;
    const shown = { kms_secret_manager_key_id, has_delete_protection, audit_log_retention_days };
    return { ...plan, id: made.id, type, last_updated: seconds(made.updatedAt), ...shown };
  },
  async read(provider, state) {
    const found = await this.get(provider, state.id);
    return found && { ...state, ...found };
  },
  async update(provider, plan, state) {
    await provider.done("PATCH", `/api/v1/projects/${state.id}`, {
      projectId: state.id,
      slug: plan.slug,
      name: plan.name,
      description: text(plan.description),
      hasDeleteProtection: truth(plan.has_delete_protection),
    });
    if (state.audit_log_retention_days !== plan.audit_log_retention_days) await this.keep(provider, plan);
    return { ...plan, ...(await this.get(provider, state.id)) };
  },
  async import(provider, id) {
    return { ...(await this.get(provider, id)), kms_secret_manager_key_id: null };
  },
  remove: (provider, state) => provider.done("DELETE", `/api/v2/workspace/${state.slug}`),
  id: (state) => state.id,
};

const environment = {
  attributes: { id: COMPUTED, project_id: GIVEN, name: GIVEN, slug: GIVEN, position: EITHER },
  path: (project) => `/api/v1/workspace/${project}/environments`,
  async create(provider, plan) {
    const body = { name: plan.name, slug: plan.slug, workspaceId: plan.project_id, ...withoutZeros({ position: plan.position }) };
    const made = (await provider.done("POST", this.path(plan.project_id), body)).environment;
    return { ...plan, id: made.id, position: number(made.position) };
  },
  async read(provider, state) {
    const found = (await provider.found(`/api/v1/workspace/environments/${state.id}`))?.environment;
    return found && { ...state, name: text(found.name), slug: text(found.slug), position: number(found.position) };
  },
  async update(provider, plan, state) {
    const body = { ID: state.id, ProjectID: plan.project_id, name: plan.name, slug: plan.slug, position: number(plan.position) };
    const changed = (await provider.done("PATCH", `${this.path(plan.project_id)}/${state.id}`, body)).environment;
    return { ...plan, id: state.id, name: text(changed.name), slug: text(changed.slug), position: plan.position ?? state.position };
  },
  async import(provider, id) {
    const found = (await provider.done("GET", `/api/v1/workspace/environments/${id}`)).environment;
    return { id: found.id, project_id: found.projectId };
  },
  remove(provider, state) {
    const body = { id: state.id, workspaceId: state.project_id };
    return provider.done("DELETE", `${this.path(state.project_id)}/${state.id}`, body);
  },
  id: (state) => state.id,
};

// Go writes the present with nanoseconds.
const present = () => new Date().toISOString().replace("Z", "456789Z");
const rolesForApi = (roles) =>
  roles.map((role) => ({
    role: role.role_slug,
    isTemporary: truth(role.is_temporary),
    temporaryMode: role.is_temporary ? (role.temporary_mode ?? "relative") : "",
    temporaryRange: role.is_temporary ? (role.temporary_range ?? "1h") : "",
    // Also beside a role for good.
    temporaryAccessStartTime: role.temporary_access_start_time ?? present(),
  }));
const rolesOf = (roles) =>
  roles.map((role) => ({
    id: text(role.id),
    role_slug: role.customRoleSlug ? role.customRoleSlug : text(role.role),
    custom_role_id: text(role.customRoleId),
    is_temporary: truth(role.isTemporary),
    temporary_mode: role.isTemporary ? text(role.temporaryMode) : null,
    temporary_range: role.isTemporary ? text(role.temporaryRange) : null,
    temporary_access_start_time: role.isTemporary ? seconds(role.temporaryAccessStartTime) : null,
    temporary_access_end_time: role.isTemporary ? seconds(role.temporaryAccessEndTime) : null,
  }));
// In the order of the plan, the others behind by their slugs.
const ordered = (planned, roles) => {
  const place = ({ role_slug }) => planned.findIndex((role) => role.role_slug === role_slug);
  const rank = (role) => (place(role) < 0 ? planned.length : place(role));
  return roles.toSorted((one, other) => rank(one) - rank(other) || one.role_slug.localeCompare(other.role_slug));
};

const projectIdentity = {
  attributes: {
    project_id: GIVEN, identity_id: GIVEN, membership_id: COMPUTED, adopt_existing: EITHER, identity: COMPUTED,
    roles: {
      ...GIVEN,
      fields: {
        id: COMPUTED, role_slug: GIVEN, custom_role_id: EITHER, is_temporary: EITHER, temporary_mode: EITHER,
        temporary_range: EITHER, temporary_access_start_time: EITHER, temporary_access_end_time: EITHER,
      },
    },
  },
  path: ({ project_id, identity_id }) => `/api/v2/workspace/${project_id}/identity-memberships/${identity_id}`,
  shown: (membership, planned) => ({
    membership_id: membership.id,
    roles: ordered(planned, rolesOf(membership.roles)),
    identity: { id: membership.identity.id, name: membership.identity.name, auth_methods: membership.identity.authMethods },
  }),
  body: (plan) => ({ projectId: plan.project_id, identityId: plan.identity_id, roles: rolesForApi(plan.roles) }),
  async create(provider, plan) {
    const existing = plan.adopt_existing ? await provider.found(this.path(plan)) : undefined;
    await provider.done(existing ? "PATCH" : "POST", this.path(plan), this.body(plan));
    const { identityMembership } = await provider.done("GET", this.path(plan));
    return { ...plan, adopt_existing: truth(plan.adopt_existing), ...this.shown(identityMembership, plan.roles) };
  },
  async read(provider, state) {
    const found = (await provider.found(this.path(state)))?.identityMembership;
    return found && { ...state, ...this.shown(found, state.roles) };
  },
  async update(provider, plan, state) {
    await provider.done("PATCH", this.path(plan), this.body(plan));
    const { identityMembership } = await provider.done("GET", this.path(plan));
    return { ...plan, adopt_existing: state.adopt_existing, ...this.shown(identityMembership, plan.roles) };
  },
  async import(provider, id) {
    const { identityMembership } = await provider.done("GET", `/api/v2/workspace/identity-memberships/${id}`);
    const { project, identity } = identityMembership;
    return { project_id: project.id, identity_id: identity.id, adopt_existing: false, ...this.shown(identityMembership, []) };
  },
  remove(provider, state) {
    return provider.done("DELETE", this.path(state));
  },
  id: (state) => state.membership_id,
};

// A rule of a role as the configuration has it: its actions are a set, its conditions a text of JSON.
const RULES = {
  ...GIVEN,
  fields: { action: { ...GIVEN, set: true }, subject: GIVEN, inverted: { by: "defaulted", value: false }, conditions: { ...GIVEN, json: true } },
};
const rulesForApi = (rules) =>
  rules.map(({ action, subject, inverted, conditions }) => ({
    action,
    subject,
    inverted: truth(inverted),
    ...(conditions !== undefined && { conditions: JSON.parse(conditions) }),
  }));
// What is no list, no text or no truth value stays null in the state.
const rulesOf = (rules) =>
  rules.map(({ action, subject, inverted, conditions }) => ({
    action: Array.isArray(action) ? action : null,
    subject: typeof subject === "string" ? subject : null,
    inverted: typeof inverted === "boolean" ? inverted : null,
    conditions: conditions && typeof conditions === "object" ? JSON.stringify(conditions) : null,
  }));

const role = {
  attributes: {
    id: COMPUTED, slug: GIVEN, name: GIVEN, description: { by: "defaulted", value: "" }, project_id: GIVEN, project_slug: GIVEN,
    permissions_v2: RULES,
  },
  body: (plan) => ({
    slug: plan.slug, name: plan.name, description: text(plan.description), permissions: rulesForApi(plan.permissions_v2),
  }),
  // By its id or by its slug, as it was configured.
  async project(provider, { project_id, project_slug }) {
    if (project_slug) return (await provider.done("GET", `/api/v2/workspace/${project_slug}`)).id;
    return (await provider.done("GET", `/api/v1/workspace/${project_id}`)).workspace.id;
  },
  async create(provider, plan) {
    const id = await this.project(provider, plan);
    const body = { ProjectId: id, ...this.body(plan) };
    const made = (await provider.done("POST", `/api/v2/workspace/${id}/roles`, body)).role;
    return { ...plan, description: text(plan.description), id: made.id };
  },
  async read(provider, state) {
    const id = await this.project(provider, state);
    const found = (await provider.found(`/api/v2/workspace/${id}/roles/slug/${state.slug}`))?.role;
    return found && {
      ...state,
      id: found.id,
      name: text(found.name),
      description: text(found.description),
      permissions_v2: rulesOf(found.permissions),
    };
  },
  async update(provider, plan, state) {
    const id = await this.project(provider, plan);
    const body = { ProjectId: id, RoleId: state.id, ...this.body(plan) };
    await provider.done("PATCH", `/api/v2/workspace/${id}/roles/${state.id}`, body);
    return { ...plan, description: text(plan.description), id: state.id };
  },
  async import(provider, id) {
    const found = (await provider.done("GET", `/api/v1/projects/roles/${id}`)).role;
    return { id: found.id, slug: found.slug, project_id: found.projectId };
  },
  // An imported role names its project by its id.
  canImport: (state) => state.project_id !== null,
  async remove(provider, state) {
    if (state.project_id) return provider.done("DELETE", `/api/v2/workspace/${state.project_id}/roles/${state.id}`);
    const { slug } = await provider.done("GET", `/api/v2/workspace/${state.project_slug}`);
    return provider.done("DELETE", `/api/v1/workspace/${slug}/roles/${state.id}`, { projectSlug: slug, roleId: state.id });
  },
  id: (state) => state.id,
};

// The same resource with rules of the first kind: one action each, and two conditions.
const roleOfTheFirstKind = {
  ...role,
  attributes: {
    ...role.attributes,
    permissions: { ...GIVEN, fields: { action: GIVEN, subject: GIVEN, conditions: GIVEN } },
  },
  body: (plan) => ({
    slug: plan.slug,
    name: plan.name,
    description: text(plan.description),
    permissions: plan.permissions.map(({ action, subject, conditions }) => ({
      action,
      subject,
      ...(conditions && {
        conditions: { environment: conditions.environment, secretPath: { $glob: conditions.secret_path } },
      }),
    })),
  }),
  async create(provider, plan) {
    const body = { projectSlug: plan.project_slug, ...this.body(plan) };
    const made = (await provider.done("POST", `/api/v1/workspace/${plan.project_slug}/roles`, body)).role;
    return { ...plan, description: text(plan.description), id: made.id };
  },
  async read(provider, state) {
    await this.project(provider, state);
    const path = `/api/v1/workspace/${state.project_slug}/roles/slug/${state.slug}`;
    const found = (await provider.found(path))?.role;
    if (found === undefined) return undefined;
    const permissions = found.permissions.map(({ action, subject, conditions }) => {
      const actions = [action].flat();
      assert.equal(actions.length, 1, "the provider calls this drift");
      const { environment, secretPath } = conditions ?? {};
      return {
        action: actions[0],
        subject: [subject].flat()[0],
        conditions: conditions
          ? { environment: typeof environment === "string" ? environment : text(environment?.$eq), secret_path: text(secretPath?.$glob) }
          : null,
      };
    });
    return { ...state, id: found.id, name: text(found.name), description: text(found.description), permissions };
  },
  async update(provider, plan, state) {
    const body = { projectSlug: plan.project_slug, roleId: state.id, ...this.body(plan) };
    await provider.done("PATCH", `/api/v1/workspace/${plan.project_slug}/roles/${state.id}`, body);
    return { ...plan, description: text(plan.description), id: state.id };
  },
  import: undefined,
};

const organizationRole = {
  attributes: {
    id: COMPUTED, slug: GIVEN, name: GIVEN, description: { by: "defaulted", value: "" }, permissions: RULES,
  },
  shown: (found) => ({
    id: found.id,
    slug: text(found.slug),
    name: text(found.name),
    description: text(found.description),
    permissions: rulesOf(found.permissions).map((rule) => ({ ...rule, inverted: truth(rule.inverted) })),
  }),
  body: (plan) => ({
    ...withoutZeros({ slug: plan.slug, name: plan.name, description: plan.description }),
    permissions: rulesForApi(plan.permissions),
  }),
  async create(provider, plan) {
    const made = (await provider.done("POST", "/api/v1/organization/roles", this.body(plan))).role;
    return { ...plan, description: text(plan.description), id: made.id };
  },
  async read(provider, state) {
    const found = (await provider.found(`/api/v1/organization/roles/${state.id}`))?.role;
    return found && { ...state, ...this.shown(found) };
  },
  async update(provider, plan, state) {
    await provider.done("PATCH", `/api/v1/organization/roles/${state.id}`, { RoleId: state.id, ...this.body(plan) });
    return { ...plan, description: text(plan.description), id: state.id };
  },
  async import(provider, id) {
    return this.shown((await provider.done("GET", `/api/v1/organization/roles/${id}`)).role);
  },
  remove: (provider, state) => provider.done("DELETE", `/api/v1/organization/roles/${state.id}`),
  id: (state) => state.id,
};

export const RESOURCES = {
  infisical_identity: identity,
  infisical_identity_token_auth: tokenAuth,
  infisical_identity_token_auth_token: token,
  infisical_identity_universal_auth: universalAuth,
  infisical_identity_universal_auth_client_secret: clientSecret,
  infisical_project: project,
  infisical_project_environment: environment,
  infisical_project_identity: projectIdentity,
  infisical_project_role: role,
  "infisical_project_role (permissions)": roleOfTheFirstKind,
  infisical_org_role: organizationRole,
};

const environmentsOf = (found) => found.environments.map(({ id, name, slug }) => ({ id, name, slug }));
const projectData = (found) => ({
  id: text(found.id), name: text(found.name), slug: text(found.slug), type: text(found.type),
  auto_capitalization: truth(found.autoCapitalization), org_id: text(found.orgId), created_at: text(found.createdAt),
  updated_at: text(found.updatedAt), version: number(found.version), upgrade_status: text(found.upgradeStatus),
});

// Data sources: what each makes of the answers.
export const DATA = {
  async infisical_identity_details(provider) {
    const { id, name, slug } = (await provider.done("GET", "/api/v1/identities/details")).identityDetails.organization;
    return { organization: { id, name, slug } };
  },
  // The caller's own organization, and those below it.
  async infisical_organization(provider, { slug }) {
    const own = (await provider.done("GET", "/api/v1/identities/details")).identityDetails.organization;
    const { organizations } = await provider.done("GET", "/api/v1/sub-organizations?limit=1000&offset=0");
    const found = [own, ...organizations].find((organization) => organization.slug === slug);
    return found && { id: found.id, name: found.name };
  },
  async infisical_identity(provider, { id }) {
    const found = (await provider.done("GET", `/api/v1/identities/${id}`)).identity;
    return {
      name: text(found.identity.name),
      has_delete_protection: truth(found.identity.hasDeleteProtection),
      org_id: text(found.orgId),
      auth_modes: found.identity.authMethods,
      role: found.customRole ? found.customRole.slug : text(found.role),
      custom_role_id: found.customRole ? found.customRole.id : null,
      metadata: (found.metadata ?? []).map(({ key, value }) => ({ key, value })),
    };
  },
  async infisical_projects(provider, { slug }) {
    const found = await provider.done("GET", `/api/v2/workspace/${slug}`);
    const environments = Object.fromEntries(environmentsOf(found).map((one) => [one.slug, one]));
    return { ...projectData(found), environments };
  },
  async infisical_projects_list(provider) {
    const { projects } = await provider.done("GET", "/api/v1/projects");
    const shown = (found) => ({ ...projectData(found), description: text(found.description), environments: environmentsOf(found) });
    return { projects: projects.map(shown).toSorted((one, other) => one.slug.localeCompare(other.slug)) };
  },
  // It reads the environment without the envelope that Infisical's server puts around it.
  async infisical_project_environment(provider, { project_id, slug }) {
    const found = await provider.found(`/api/v1/projects/${project_id}/environments/slug/${slug}`);
    return { id: found ? text(found.id) : null, name: found ? text(found.name) : null };
  },
  async infisical_project_identity(provider, { project_id, identity_id }) {
    const path = `/api/v2/workspace/${project_id}/identity-memberships/${identity_id}`;
    const found = (await provider.found(path))?.identityMembership;
    if (found === undefined) return { membership_id: null, roles: null };
    return { membership_id: found.id, roles: ordered([], rolesOf(found.roles)) };
  },
  async infisical_project_role(provider, { project_id, slug }) {
    const found = (await provider.found(`/api/v2/workspace/${project_id}/roles/slug/${slug}`))?.role;
    if (found === undefined) return { id: null, name: null, description: null };
    return { id: found.id, name: text(found.name), description: text(found.description) };
  },
};

// Whose endpoints are not here, by the first request that each makes: it must read a clear 404. Resources about secrets,
// certificates, keys and connections are not listed one by one.
export const ELSEWHERE = {
  infisical_project_scoped_identity: ["POST", "/api/v1/projects/PROJECT/identities"],
  infisical_sub_organization: ["POST", "/api/v1/sub-organizations"],
  infisical_group: ["POST", "/api/v1/groups"],
  infisical_group_machine_identity: ["POST", "/api/v1/groups/x/machine-identities/IDENTITY"],
  infisical_project_group: ["POST", "/api/v2/workspace/PROJECT/groups/x"],
  infisical_project_user: ["POST", "/api/v2/workspace/PROJECT/memberships"],
  infisical_project_identity_specific_privilege: ["POST", "/api/v2/identity-project-additional-privilege"],
  infisical_project_template: ["POST", "/api/v1/project-templates"],
  infisical_project_secret_tag: ["POST", "/api/v1/workspace/PROJECT/tags"],
  infisical_secret: ["GET", "/api/v3/secrets/raw/NAME"],
  ...Object.fromEntries(
    ["aws", "azure", "gcp", "jwt", "kubernetes", "oidc", "tls_cert"].map((method) => [
      `infisical_identity_${method}_auth`,
      ["POST", `/api/v1/auth/${method.replace("_", "-")}-auth/identities/IDENTITY`],
    ]),
  ),
};
