// Infisical's Terraform provider, replayed: each of its resources and data sources whose endpoints are here is created, read,
// changed, imported and destroyed as the provider does it (support/terraform.mjs), and its state is compared with its
// configuration as Terraform does it. What is planned must be what is there after the command, and a second plan must find
// nothing to do: after the creation, after the change, and after the import.
//
// The last test prints what was done.

import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import { isDeepStrictEqual } from "node:util";

import { DATA, ELSEWHERE, Provider, RESOURCES } from "./support/terraform.mjs";
import { World, noRoute } from "./support/world.mjs";

const world = await World.begin();
const provider = new Provider(world.api, world.administrator);
const { organizationId } = world;
const report = [];
after(() => {
  console.log("Terraform replay:");
  for (const { name, steps, calls } of report) console.log(`  ${name}: ${steps.join(", ")} (${calls} calls)`);
});

// --- Terraform's side ------------------------------------------------------------------------------------------------

const isNothing = (value) => value === null || value === undefined;
// Sets have no order.
const sorted = (values) => values?.toSorted((one, other) => JSON.stringify(one).localeCompare(JSON.stringify(other)));

// Whether an attribute that is configured so needs nothing done when the state has this.
function agrees(attribute, configured, found) {
  if (isNothing(configured)) {
    if (attribute.by === "defaulted") return isDeepStrictEqual(found, attribute.value);
    return attribute.by === "given" ? isNothing(found) : true;
  }
  if (isNothing(found)) return false;
  if (attribute.json) return isDeepStrictEqual(JSON.parse(found), JSON.parse(configured));
  if (attribute.set) return isDeepStrictEqual(sorted(found), sorted(configured));
  if (attribute.fields === undefined) return isDeepStrictEqual(found, configured);
  const one = (element, index) => differences(attribute.fields, element, found[index]).length === 0;
  return configured.length === found.length && configured.every(one);
}

// The attributes by which a plan would want to change something.
function differences(attributes, configuration, state) {
  return Object.entries(attributes)
    .filter(([name, attribute]) => attribute.by !== "computed" && !agrees(attribute, configuration[name], state[name]))
    .map(([name]) => `${name}: configured ${JSON.stringify(configuration[name])}, found ${JSON.stringify(state[name])}`);
}

// What the provider is given: what is not configured is null, or what a computed attribute was before.
function planned(attributes, configuration, before = {}) {
  const value = ([name, attribute]) => {
    const configured = configuration[name];
    if (attribute.fields && configured) return [name, configured.map((element) => planned(attribute.fields, element))];
    if (!isNothing(configured)) return [name, configured];
    if (attribute.by === "defaulted") return [name, attribute.value];
    return [name, attribute.by === "given" ? null : (before[name] ?? null)];
  };
  return Object.fromEntries(Object.entries(attributes).map(value));
}

// Two looks at the same thing show the same, except what may change by itself.
function assertSame(attributes, state, again) {
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.moves) continue;
    const [one, other] = attribute.set ? [sorted(state[name]), sorted(again[name])] : [state[name], again[name]];
    const equal = attribute.fields ? agrees(attribute, one, other) : isDeepStrictEqual(one ?? null, other ?? null);
    assert.ok(equal, `${name} was ${JSON.stringify(one)} and is ${JSON.stringify(other)}`);
  }
}

// Takes a resource through its life. `changed` is its configuration after the change; without it nothing can be changed.
async function live(name, configuration, changed) {
  const resource = RESOURCES[name];
  const { attributes } = resource;
  const [steps, begun] = [[], provider.calls];
  const nothingToDo = (when, configured, state) =>
    assert.deepEqual(differences(attributes, configured, state), [], `${name}: a plan after ${when} is not empty`);

  let state = await resource.create(provider, planned(attributes, configuration));
  // Terraform calls this "provider produced inconsistent result after apply".
  nothingToDo("the command", configuration, state);
  let read = await resource.read(provider, state);
  assertSame(attributes, state, read);
  nothingToDo("the creation", configuration, read);
  steps.push("created", "read: nothing to do");

  let current = configuration;
  if (changed !== undefined) {
    state = await resource.update(provider, planned(attributes, changed, read), read);
    nothingToDo("the command", changed, state);
    read = await resource.read(provider, state);
    assertSame(attributes, state, read);
    nothingToDo("the change", changed, read);
    assertSame(attributes, read, await resource.read(provider, read));
    current = changed;
    steps.push("changed", "read: nothing to do");
  }

  if (resource.import !== undefined && (resource.canImport?.(read) ?? true)) {
    const imported = await resource.import(provider, resource.id(read));
    const again = await resource.read(provider, { ...planned(attributes, {}), ...imported });
    const except = resource.differsAfterImport ?? [];
    // What only the configuration knows is set by the first plan after an import.
    const isKnown = ([key]) => !isNothing(again[key]) && !except.includes(key);
    const known = Object.fromEntries(Object.entries(attributes).filter(isKnown));
    assert.deepEqual(differences(known, current, again), [], `${name}: a plan after the import is not empty`);
    assertSame(known, read, again);
    steps.push("imported: nothing to do");
  }
  return {
    state: read,
    async destroy() {
      await resource.remove(provider, read);
      const left = await resource.read(provider, read);
      assert.ok(left === undefined || resource.isGone?.(left), `${name} is still there`);
      report.push({ name, steps: [...steps, "destroyed"], calls: provider.calls - begun });
    },
  };
}

// --- what the tests are about ----------------------------------------------------------------------------------------

async function madeIdentity(name, role = "no-access") {
  const attributes = planned(RESOURCES.infisical_identity.attributes, { name, org_id: organizationId, role });
  return RESOURCES.infisical_identity.create(provider, attributes);
}

async function madeProject(slug) {
  const attributes = planned(RESOURCES.infisical_project.attributes, { name: slug, slug });
  return RESOURCES.infisical_project.create(provider, attributes);
}

const whole = async (...life) => (await live(...life)).destroy();

suite("resources", () => {
  test("infisical_identity", async () => {
    const metadata = [{ key: "team", value: "build" }, { key: "area", value: "north" }];
    const one = { name: "runner", org_id: organizationId, role: "member", metadata };
    await whole("infisical_identity", one, { ...one, name: "worker", role: "no-access", metadata: [], has_delete_protection: false });
    // Without metadata in the configuration there is none in the state.
    await whole("infisical_identity", { name: "bare", org_id: organizationId, role: "no-access" });
  });

  test("infisical_identity with a custom role", async () => {
    const permissions = [{ subject: "identity", action: ["read"] }];
    const role = await live("infisical_org_role", { slug: "reader", name: "Reader", permissions });
    await whole("infisical_identity", { name: "reads", org_id: organizationId, role: "reader" });
    await role.destroy();
  });

  test("infisical_identity_token_auth: order, host bits, and prefixes only where they were given", async () => {
    const { id } = await madeIdentity("token-auth");
    const addresses = ["10.1.2.3/8", "203.0.113.7", "2001:db8::1/32", "2001:db8::7", "0.0.0.0/0"];
    const one = { identity_id: id, access_token_ttl: 3600, access_token_max_ttl: 7200, access_token_trusted_ips: addresses };
    const other = { ...one, access_token_num_uses_limit: 9, access_token_trusted_ips: addresses.toReversed() };
    await whole("infisical_identity_token_auth", one, other);
  });

  test("infisical_identity_token_auth with nothing but its identity", async () => {
    const { id } = await madeIdentity("defaults");
    const made = await live("infisical_identity_token_auth", { identity_id: id }, { identity_id: id, access_token_ttl: 60 });
    assert.deepEqual(made.state.access_token_trusted_ips, ["0.0.0.0/0", "::/0"]);
    await made.destroy();
  });

  test("infisical_identity_token_auth_token: works, and is not there after it was revoked", async () => {
    const { id } = await madeIdentity("tokens");
    await live("infisical_identity_token_auth", { identity_id: id });
    const made = await live("infisical_identity_token_auth_token", { identity_id: id, name: "ci" }, { identity_id: id, name: "cd" });
    assert.equal((await world.api.validate(made.state.token)).status, 200);
    await made.destroy();
    assert.equal((await world.api.validate(made.state.token)).status, 401);
    // A destroy whose answer was lost is tried again.
    await RESOURCES.infisical_identity_token_auth_token.remove(provider, made.state);
    const nowhere = { ...made.state, id: "00000000-0000-4000-8000-000000000000" };
    assert.equal(await RESOURCES.infisical_identity_token_auth_token.read(provider, nowhere), undefined);
  });

  test("infisical_identity_universal_auth and its client secret", async () => {
    const { id } = await madeIdentity("universal-auth");
    const everybody = ["0.0.0.0/0", "::/0"];
    const one = { identity_id: id, client_secret_trusted_ips: everybody, access_token_trusted_ips: ["127.0.0.1", "10.0.0.0/8"] };
    const lifetime = { access_token_ttl: 900, access_token_max_ttl: 3600, access_token_num_uses_limit: 4 };
    const method = await live("infisical_identity_universal_auth", one, { ...one, ...lifetime });
    const secret = { identity_id: id, description: "ci", number_of_uses_limit: 3, ttl: 600 };
    const made = await live("infisical_identity_universal_auth_client_secret", secret);
    const { client_id: clientId, client_secret: clientSecret } = made.state;
    assert.equal((await world.login({ clientId, clientSecret })).status, 200);
    await made.destroy();
    assert.equal((await world.login({ clientId, clientSecret })).status, 401);
    await whole("infisical_identity_universal_auth_client_secret", { identity_id: id });
    await method.destroy();
  });

  test("infisical_project", async () => {
    await whole("infisical_project", { name: "Shop", slug: "shop-one" }, { name: "Store", slug: "store-one", description: "All of it" });
    const full = {
      name: "Full", slug: "full-one", type: "kms", description: "Keys", has_delete_protection: true,
      audit_log_retention_days: 30, should_create_default_envs: false,
    };
    await whole("infisical_project", full, { ...full, has_delete_protection: false, audit_log_retention_days: 7, description: null });
  });

  test("infisical_project_environment: wherever it is put", async () => {
    const { id } = await madeProject("environments");
    const base = { project_id: id, name: "QA", slug: "qa" };
    await whole("infisical_project_environment", base, { ...base, name: "Quality", slug: "quality" });
    // In front of the others, between them, behind them, and far behind them.
    for (const [from, to] of [[1, 2], [2, 5], [4, 1], [40, 60]]) {
      await whole("infisical_project_environment", { ...base, position: from }, { ...base, position: to });
    }
  });

  test("infisical_project_identity: for good and for a time, with roles of the project", async () => {
    const { id: project_id } = await madeProject("members-one");
    const { id: identity_id } = await madeIdentity("member");
    const permissions_v2 = [{ subject: "requests", action: ["read"] }];
    const role = await live("infisical_project_role", { project_id, slug: "auditor", name: "Auditor", permissions_v2 });
    const temporary = {
      role_slug: "admin", is_temporary: true, temporary_mode: "relative", temporary_range: "1h",
      temporary_access_start_time: "2026-01-02T03:04:05Z",
    };
    const one = { project_id, identity_id, roles: [{ role_slug: "viewer" }, temporary, { role_slug: "auditor" }] };
    const other = { ...one, roles: [{ role_slug: "auditor" }, { role_slug: "member" }] };
    const made = await live("infisical_project_identity", one, other);
    // One that is there already is taken over.
    const adopted = { ...one, roles: [{ role_slug: "member" }], adopt_existing: true };
    const again = await RESOURCES.infisical_project_identity.create(provider, adopted);
    assert.deepEqual(differences(RESOURCES.infisical_project_identity.attributes, adopted, again), []);
    await made.destroy();
    await role.destroy();
  });

  test("infisical_project_role: by the project's id and by its slug, with every kind of condition", async () => {
    const project = await madeProject("roles-one");
    const rule = (subject, action, conditions, inverted) => ({
      subject, action, ...(conditions && { conditions: JSON.stringify(conditions) }), ...(inverted && { inverted }),
    });
    const rules = [
      rule("requests", ["read", "create"], { path: { $glob: "/public/**" } }),
      rule("requests", ["read"], { path: "/one" }),
      rule("identity", ["edit", "read"], { identityId: { $in: ["a", "b"], $ne: "c" } }),
      rule("requests", ["delete"], undefined, true),
      // Kept as it was sent.
      rule("secrets", ["read"], { environment: "dev", secretPath: { $glob: "/a/**" } }),
    ];
    for (const of of [{ project_id: project.id }, { project_slug: project.slug }]) {
      const one = { ...of, slug: "reader", name: "Reader", permissions_v2: rules };
      await whole("infisical_project_role", one, { ...one, name: "Readers", description: "d", permissions_v2: rules.toReversed() });
    }
  });

  test("infisical_project_role with rules of the first kind", async () => {
    const { slug: project_slug } = await madeProject("roles-two");
    const permissions = [
      { action: "read", subject: "role", conditions: null },
      { action: "edit", subject: "secrets", conditions: { environment: "dev", secret_path: "/a/**" } },
    ];
    const one = { project_slug, slug: "older", name: "Older", permissions };
    await whole("infisical_project_role (permissions)", one, { ...one, name: "Oldest", permissions: permissions.slice(1) });
  });

  test("infisical_org_role", async () => {
    const permissions = [
      { subject: "identity", action: ["read", "edit"], conditions: JSON.stringify({ identityId: { $eq: "x" } }) },
      { subject: "workspace", action: ["create"], inverted: true },
      { subject: "billing", action: ["read"] },
    ];
    const one = { slug: "auditors", name: "Auditors", permissions };
    await whole("infisical_org_role", one, { ...one, slug: "inspectors", description: "d", permissions: permissions.slice(1) });
  });
});

suite("data sources", async () => {
  const project = await madeProject("data-one");
  const { id: identity_id } = await madeIdentity("data", "member");
  const { environments } = (await provider.done("GET", "/api/v2/workspace/data-one"));
  const own = (await DATA.infisical_identity_details(provider)).organization;
  const auditor = { project_id: project.id, slug: "auditor", name: "Auditor", permissions_v2: [] };
  const role = await RESOURCES.infisical_project_role.create(provider, planned(RESOURCES.infisical_project_role.attributes, auditor));
  const roles = [{ role_slug: "auditor" }];
  const member = await RESOURCES.infisical_project_identity.create(provider, { project_id: project.id, identity_id, roles });

  // Data source → what it is asked for, and what it must find.
  const questions = {
    infisical_identity_details: [{}, { organization: { id: organizationId, name: own.name, slug: own.slug } }],
    infisical_organization: [{ slug: own.slug }, { id: organizationId, name: own.name }],
    infisical_identity: [{ id: identity_id }, { name: "data", role: "member", custom_role_id: null, auth_modes: [], org_id: organizationId }],
    infisical_projects: [{ slug: "data-one" }, { id: project.id, name: "data-one", environments: Object.fromEntries(environments.map((one) => [one.slug, one])) }],
    infisical_projects_list: [{}, {}],
    infisical_project_environment: [{ project_id: project.id, slug: "staging" }, { id: environments[1].id, name: "Staging" }],
    infisical_project_identity: [{ project_id: project.id, identity_id }, { membership_id: member.membership_id }],
    infisical_project_role: [{ project_id: project.id, slug: "auditor" }, { id: role.id, name: "Auditor", description: "" }],
  };
  for (const [name, read] of Object.entries(DATA)) {
    test(name, async () => {
      const begun = provider.calls;
      const [question, expected] = questions[name];
      const found = await read(provider, question);
      assert.partialDeepStrictEqual(found, expected);
      assert.deepEqual(await read(provider, question), found, "it reads something else the second time");
      report.push({ name: `data ${name}`, steps: ["read twice: the same"], calls: provider.calls - begun });
    });
  }

  test("what is not there is null", async () => {
    const nowhere = { project_id: project.id, slug: "nowhere", identity_id: "00000000-0000-4000-8000-000000000000" };
    assert.deepEqual(await DATA.infisical_project_environment(provider, nowhere), { id: null, name: null });
    assert.deepEqual(await DATA.infisical_project_role(provider, nowhere), { id: null, name: null, description: null });
    assert.deepEqual(await DATA.infisical_project_identity(provider, nowhere), { membership_id: null, roles: null });
    assert.equal(await DATA.infisical_organization(provider, nowhere), undefined);
  });
});

test("what is not here says so, and where to look", async () => {
  const { id } = await madeProject("elsewhere");
  const identity = await madeIdentity("elsewhere");
  for (const [name, [method, template]] of Object.entries(ELSEWHERE)) {
    const path = template.replace("PROJECT", id).replace("IDENTITY", identity.id);
    const answer = await provider.send(method, path, method === "GET" ? undefined : {});
    assert.deepEqual([answer.status, answer.body.error, answer.body.docs], [404, "Not Found", "/api/docs/json"], name);
    assert.equal(answer.body.message, noRoute(method, path), name);
    report.push({ name, steps: [`not here: ${method} ${template} is 404`], calls: 1 });
  }
});
