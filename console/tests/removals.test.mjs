// Two people, two tabs: whatever is removed is what was seen. Somebody else has changed it, before the question was asked or
// while it stood there: that is shown first, and nothing is removed unasked.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Operator, cellsOf, launch } from "./support/browser.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();
const market = await world.project("Market", "market");
const inside = (rest) => `/api/v1/projects/${market}/${rest}`;
const isThere = async (path) => (await world.harness.api.call("GET", path, { bearer: world.administrator })).status === 200;

const operator = await Operator.arrive(browser, world);
const { page } = operator;
after(() => operator.leave());

let number = 0;

// `make` makes one and says where it is shown, what its menu is called, and how it is changed; with `list` it is seen in a
// list first, that says nothing of versions.
async function check(what, make, { item, action, list = true, typed = false, changed = "Changed" }) {
  for (const when of list ? ["before", "while"] : ["while"]) {
    number += 1;
    const thing = await make(`thing${number}`);
    await operator.open(thing.screen);
    const menu = page.getByRole("button", { name: `More for ${thing.name}` });
    await menu.waitFor();
    if (when === "before") await world.ask(...thing.change);
    await menu.click();
    await page.getByRole("menuitem", { name: item }).click();
    await operator.dialog.waitFor();
    if (when === "while") {
      await operator.settled();
      await world.ask(...thing.change);
    }
    if (typed) await operator.dialog.getByLabel("Type the name to delete it").fill(thing.name);
    const conflict = operator.dialog.getByRole("alert").filter({ hasText: "Somebody changed this" });
    if (when === "while") await operator.button(action, operator.dialog).click();
    await conflict.waitFor();
    await conflict.getByRole("row", { name: new RegExp(`^${changed}`) }).waitFor();
    if (when === "while") assert.deepEqual(await operator.axe(), [], what);
    assert.ok(await isThere(thing.path), `${what}, ${when}: it is still there`);
    await operator.button(`${action} anyway`, operator.dialog).click();
    await operator.dialog.waitFor({ state: "detached" });
    assert.ok(!(await isThere(thing.path)), `${what}, ${when}: it is gone`);
  }
}

test("a route", () =>
  check(
    "a route",
    async (name) => {
      const { id } = (await world.ask("POST", inside("routes"), { host: `${name}.example.com`, pathPrefix: "/v1", origin: "https://origin.example.com" })).route;
      return { screen: `/projects/${market}/routes`, name: `${name}.example.com /v1`, path: inside(`routes/${id}`), change: ["PATCH", inside(`routes/${id}`), { webSocket: true }] };
    },
    { item: "Delete", action: "Delete", changed: "WebSocket" },
  ));

test("an environment", () =>
  check(
    "an environment",
    async (name) => {
      const { id } = (await world.ask("POST", inside("environments"), { name, slug: name })).environment;
      return { screen: `/projects/${market}/environments`, name, path: inside(`environments/${id}`), change: ["PATCH", inside(`environments/${id}`), { slug: `${name}-b` }] };
    },
    { item: "Delete", action: "Delete", changed: "Slug" },
  ));

test("a membership, in the list of members", () =>
  check(
    "a membership",
    async (name) => {
      const identity = await world.identity(name);
      const path = inside(`memberships/identities/${identity}`);
      await world.ask("POST", path, { role: "viewer" });
      return { screen: `/projects/${market}`, name, path, change: ["PATCH", path, { roles: [{ role: "admin" }] }] };
    },
    { item: "Remove from project", action: "Remove", changed: "Roles" },
  ));

test("a membership, on the identity's page", () =>
  check(
    "a membership of an identity",
    async (name) => {
      const identity = await world.identity(name);
      const path = inside(`memberships/identities/${identity}`);
      await world.ask("POST", path, { role: "viewer" });
      return { screen: `/identities/${identity}`, name: "Market", path, change: ["PATCH", path, { roles: [{ role: "admin" }] }] };
    },
    { item: "Remove from project", action: "Remove", changed: "Roles" },
  ));

test("a role of the organization, in the list", () =>
  check(
    "a role of the organization",
    async (name) => {
      const { id } = (await world.ask("POST", "/api/v1/organization/roles", { name, slug: name, permissions: [] })).role;
      const path = `/api/v1/organization/roles/${id}`;
      return { screen: "/roles", name, path, change: ["PATCH", path, { description: "Of somebody else." }] };
    },
    { item: "Delete role", action: "Delete role", changed: "Description" },
  ));

test("a role of a project, in the list", () =>
  check(
    "a role of a project",
    async (name) => {
      const { id } = (await world.ask("POST", inside("roles"), { name, slug: name, permissions: [] })).role;
      return { screen: `/projects/${market}/roles`, name, path: inside(`roles/slug/${name}`), change: ["PATCH", inside(`roles/${id}`), { description: "Of somebody else." }] };
    },
    { item: "Delete role", action: "Delete role", changed: "Description" },
  ));

test("an identity, on its page", () =>
  check(
    "an identity",
    async (name) => {
      const identity = await world.identity(name);
      const path = `/api/v1/identities/${identity}`;
      return { screen: `/identities/${identity}`, name, path, change: ["PATCH", path, { role: "member" }] };
    },
    { item: "Delete identity", action: "Delete identity", list: false, typed: true, changed: "Organization role" },
  ));

test("a project, on its page", () =>
  check(
    "a project",
    async (name) => {
      const project = await world.project(name, `${name}-slug`);
      const path = `/api/v1/projects/${project}`;
      return { screen: `/projects/${project}`, name, path, change: ["PATCH", path, { description: "Of somebody else." }] };
    },
    { item: "Delete project", action: "Delete project", list: false, typed: true, changed: "Description" },
  ));

test("a method, on the identity's page", () =>
  check(
    "a method",
    async (name) => {
      const identity = await world.identity(name);
      await world.tokenAuth(identity, { accessTokenTTL: 60 });
      const path = `/api/v1/auth/token-auth/identities/${identity}`;
      return { screen: `/identities/${identity}`, name: "Token Auth", path, change: ["PATCH", path, { accessTokenTTL: 120 }] };
    },
    { item: "Remove Token Auth", action: "Remove", list: false, changed: "Lifetime" },
  ));

test("a token is revoked as it was seen, and a delegation that is gone is said to be", async () => {
  const identity = await world.identity("revoking");
  await world.tokenAuth(identity);
  const { tokenData } = await world.token(identity, "as it was");
  const token = `/api/v1/auth/token-auth/tokens/${tokenData.id}`;
  await operator.open(`/identities/${identity}`);
  await page.getByText("as it was").waitFor();
  await operator.choose("More for as it was", "Revoke");
  await operator.dialog.getByText("It was never used.").waitFor();
  await operator.settled();
  await world.ask("PATCH", token, { name: "as it is" });
  await operator.button("Revoke", operator.dialog).click();
  await operator.dialog.getByRole("alert").getByRole("row", { name: /^Name as it was as it is/ }).waitFor();
  assert.equal((await world.ask("GET", token)).token.isAccessTokenRevoked, false);
  await operator.button("Revoke anyway", operator.dialog).click();
  await operator.dialog.getByText("In force everywhere").first().waitFor();
  assert.equal((await world.ask("GET", token)).token.isAccessTokenRevoked, true);

  // Nothing of a delegation can be changed: all that somebody else can do is delete it.
  const { id } = (await world.ask("POST", "/api/v1/organization/route-delegations", { projectId: market, host: "gone.example.com", pathPrefix: "/" })).routeDelegation;
  await operator.open("/route-delegations");
  await page.getByRole("button", { name: "More for gone.example.com /" }).waitFor();
  await world.ask("DELETE", `/api/v1/organization/route-delegations/${id}`);
  await operator.choose("More for gone.example.com /", "Delete");
  await operator.dialog.getByText("This does not exist any more.").waitFor();
});

test("a token is not renamed over what somebody else has called it", async () => {
  const identity = await world.identity("renaming");
  await world.tokenAuth(identity);
  const { tokenData } = await world.token(identity, "old");
  const token = `/api/v1/auth/token-auth/tokens/${tokenData.id}`;
  await operator.open(`/identities/${identity}`);
  await page.getByText("old", { exact: true }).waitFor();
  await world.ask("PATCH", token, { name: "theirs" });
  await operator.choose("More for old", "Rename");
  const conflict = operator.dialog.getByRole("alert");
  await conflict.waitFor();
  assert.deepEqual(await cellsOf(conflict, /^Name/), ["old", "theirs", "old"]);
  await operator.button("Start again from theirs").click();
  await operator.dialog.getByLabel("Name").fill("mine");
  await operator.button("Save changes").click();
  await operator.dialog.waitFor({ state: "detached" });
  assert.equal((await world.ask("GET", token)).token.name, "mine");
});

test("a role is not changed in the list over what somebody else has made of it", async () => {
  const identity = await world.identity("role of two");
  await operator.open("/identities?search=role+of+two");
  const inline = page.getByLabel("Organization role of role of two");
  await inline.waitFor();
  await operator.settled();
  await world.ask("PATCH", `/api/v1/identities/${identity}`, { role: "member" });
  await inline.selectOption("admin");
  await page.getByText("Somebody changed the role of role of two while you were looking at it.").waitFor();
  assert.equal((await world.ask("GET", `/api/v1/identities/${identity}`)).identity.role, "member");
  assert.equal(await inline.inputValue(), "member");
});

test("who may not look into a project may still take an identity out of it that they may delete", async () => {
  const permissions = [
    { subject: "identity", action: ["read", "delete"] },
    { subject: "role", action: ["read"] },
  ];
  await world.ask("POST", "/api/v1/organization/roles", { slug: "offboarding", name: "Offboarding", permissions });
  const person = await world.identity("offboarding", { role: "offboarding" });
  await world.tokenAuth(person);
  const { accessToken } = await world.token(person, "console");
  const leaving = await world.identity("leaving");
  const path = inside(`memberships/identities/${leaving}`);
  await world.ask("POST", path, { role: "no-access" });
  const other = await Operator.arrive(browser, world, { session: false });
  await other.signInQuietly(accessToken);
  await other.open(`/identities/${leaving}`);
  await other.choose("More for Market", "Remove from project");
  await other.button("Remove", other.dialog).click();
  await other.page.getByText("Removed from Market.").waitFor();
  assert.ok(!(await isThere(path)));
  await other.leave();
});
