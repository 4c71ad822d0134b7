// Roles that somebody may not give are disabled wherever roles are given, with what is missing, before anything is sent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, Operator, SCHEMES, SIZES } from "./support/browser.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

// Gives roles that only look at identities; and in the project, for good, those that only look at routes.
await world.ask("POST", "/api/v1/organization/roles", {
  slug: "granter",
  name: "Granter",
  permissions: [
    { subject: "identity", action: ["read", "create", "edit", "grant-privileges"] },
    { subject: "role", action: ["read"] },
    { subject: "workspace", action: ["read"] },
  ],
});
await world.ask("POST", "/api/v1/organization/roles", { slug: "looks", name: "Looks", permissions: [{ subject: "identity", action: ["read"] }] });
const granter = await world.identity("granter", { role: "granter" });
await world.tokenAuth(granter);
const { accessToken } = await world.token(granter, "console");
const target = await world.identity("target");
const market = await world.project("Market", "market");
const role = (slug, name, permissions) => world.ask("POST", `/api/v1/projects/${market}/roles`, { slug, name, permissions });
await role("granting", "Granting", [
  { subject: "identity", action: ["read", "create", "edit", "grant-privileges"] },
  { subject: "role", action: ["read"] },
  { subject: "project", action: ["read"] },
]);
await role("routes-now", "Routes now", [{ subject: "routes", action: ["read"] }]);
const hour = { isTemporary: true, temporaryMode: "relative", temporaryRange: "5h", temporaryAccessStartTime: new Date(Date.now() - 60_000).toISOString() };
await world.ask("POST", `/api/v1/projects/${market}/memberships/identities/${granter}`, { roles: [{ role: "granting" }, { role: "routes-now", ...hour }] });

async function arrive() {
  const operator = await Operator.arrive(browser, world, { session: false });
  await operator.signInQuietly(accessToken);
  // Nobody has to try to be told.
  operator.sent = [];
  operator.page.on("request", (request) => ["POST", "PATCH", "PUT"].includes(request.method()) && operator.sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  return operator;
}

// What stands in a list of roles: by name, whether it can be chosen.
async function assertChoices(select, expected) {
  await select.locator('option:disabled:not([value=""])').first().waitFor({ state: "attached" });
  const options = await select.locator("option").evaluateAll((all) => all.map(({ text, disabled }) => [text, disabled]));
  for (const [name, disabled] of Object.entries(expected)) {
    const [text, found] = options.find(([known]) => known === name || known.startsWith(`${name} (`)) ?? assert.fail(`${name} is not in ${JSON.stringify(options)}`);
    assert.equal(found, disabled, text);
    assert.equal(text !== name, disabled, `${text} says why`);
  }
}

async function assertExplained(operator, role, missing) {
  await operator.dialog.getByText(/You may not give/).click();
  const line = operator.dialog.locator("dl > div", { has: operator.page.getByText(role, { exact: true }) });
  assert.match(await line.textContent(), missing);
  for (const [name, size] of Object.entries(SIZES).toReversed()) {
    await operator.page.setViewportSize(size);
    assert.ok((await operator.overflow()) <= 0, name);
    for (const scheme of SCHEMES) {
      await operator.colour(scheme);
      assert.deepEqual(await operator.axe(), [], `${name}, ${scheme}`);
    }
  }
  await operator.page.setViewportSize(SIZES.desk);
}

const OF_ORGANIZATION = { Admin: true, Member: true, "No Access": false, Looks: false, Granter: false };

test("when an identity is created", async () => {
  const operator = await arrive();
  await operator.open("/identities?create=yes");
  await assertChoices(operator.dialog.getByLabel("Organization role"), OF_ORGANIZATION);
  await assertExplained(operator, "Admin", /You would also need to be allowed to do everything\./);
  assert.deepEqual(operator.sent.filter((sent) => sent !== "POST /api/v1/identities/search"), []);
  // What may be given can be.
  await operator.dialog.getByLabel("Name").fill("given");
  await operator.dialog.getByLabel("Organization role").selectOption("looks");
  await operator.button("Create", operator.dialog).click();
  await operator.page.getByRole("heading", { name: "given" }).waitFor();
  await operator.leave();
});

test("in the list of identities, and on an identity's page", async () => {
  const operator = await arrive();
  const { page } = operator;
  await operator.open("/identities?search=target");
  const inline = page.getByLabel("Organization role of target");
  await assertChoices(inline, OF_ORGANIZATION);
  await inline.selectOption("looks");
  await page.getByText("target now has the role Looks.").waitFor();
  await page.getByRole("link", { name: "target" }).click();
  await operator.button("Edit").click();
  await assertChoices(operator.dialog.getByLabel("Organization role"), OF_ORGANIZATION);
  await assertExplained(operator, "Member", /You would also need to be allowed to .*delete machine identities/);
  await operator.leave();
});

test("when an identity is added to a project, from its page and from the project's, for good and for a time", async () => {
  const operator = await arrive();
  const { page } = operator;
  await operator.open(`/identities/${target}`);
  await operator.button("Add to project").click();
  await operator.dialog.getByRole("combobox", { name: "Project", exact: true }).fill("m");
  await page.getByRole("option", { name: "Market" }).click();
  await assertChoices(operator.dialog.getByLabel("Role in the project"), { Admin: true, Granting: false, "Routes now": true, "No Access": false });
  await assertExplained(operator, "Routes now", /You would also need to be allowed to see routes\./);
  await page.keyboard.press("Escape");

  await operator.open(`/projects/${market}?create=yes`);
  const first = operator.dialog.getByLabel("Role 1", { exact: true });
  await assertChoices(first, { Admin: true, Granting: false, "Routes now": true });
  // For a time one may give what one holds for a time.
  await operator.dialog.getByText("For a time").click();
  await assertChoices(first, { Admin: true, Granting: false, "Routes now": false });
  await first.selectOption("routes-now");
  await operator.dialog.getByText("For good", { exact: true }).click();
  await operator.dialog.getByText("You may give this role for a time only.").waitFor();
  await operator.button("Add identity", operator.dialog).click();
  assert.deepEqual(operator.sent, []);
  await operator.leave();
});

test("when a member's roles are changed; and an administrator may give every role", async () => {
  const operator = await arrive();
  const member = await world.identity("member of the market");
  await world.ask("POST", `/api/v1/projects/${market}/memberships/identities/${member}`, { role: "no-access" });
  const choose = async (who) => {
    await who.open(`/projects/${market}`);
    await who.choose("More for member of the market", "Change roles");
    return who.dialog.getByLabel("Role 1", { exact: true });
  };
  await assertChoices(await choose(operator), { Admin: true, Granting: false, "Routes now": true });
  await operator.leave();
  const administrator = await Operator.arrive(browser, world);
  const select = await choose(administrator);
  await administrator.settled();
  assert.equal(await select.locator("option:disabled").count(), 0);
  assert.equal(await administrator.dialog.getByText(/You may not give/).count(), 0);
  await administrator.leave();
});
