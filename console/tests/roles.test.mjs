// Roles: the matrix and the rules say the same, examples of patterns say what the server does, nothing is saved unseen.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import ts from "typescript";

import { launch, Operator } from "./support/browser.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();
const shop = await world.project("Shop", "shop-eu");

const rulesOf = async (slug) => (await world.ask("GET", `/api/v1/organization/roles/slug/${slug}`)).role.permissions.map(({ subject, action, inverted }) => ({ subject, action, inverted }));

test("patterns match what the server's own cases say they match", async () => {
  const source = await readFile(new URL("../src/lib/permission/glob.ts", import.meta.url), "utf8");
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
  const { matches } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  const cases = await readFile(new URL("../../crates/domain/src/permission/glob.rs", import.meta.url), "utf8");
  const texts = (list) => JSON.parse(`[${list.trim().replace(/,$/, "")}]`);
  let compared = 0;
  for (const [, pattern, yes, no] of cases.matchAll(/^\s+check\((".*?"), &\[(.*?)\], &\[(.*?)\]\);/gm)) {
    for (const [list, expected] of [[yes, true], [no, false]]) {
      for (const value of texts(list)) {
        assert.equal(matches(JSON.parse(pattern), value), expected, `${pattern} and ${value}`);
        compared += 1;
      }
    }
  }
  assert.ok(compared >= 60, `only ${compared} cases were found`);
});

test("a role is made by keyboard alone, and saved after the difference was seen", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const { keyboard } = page;
  await operator.open("/roles");
  await page.getByRole("link", { name: "Admin" }).waitFor();
  await keyboard.press("c");
  await operator.dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await keyboard.type("Night shift");
  assert.equal(await operator.dialog.getByRole("textbox", { name: "Slug" }).inputValue(), "night-shift");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Night shift" }).waitFor();
  assert.deepEqual(await rulesOf("night-shift"), []);
  await page.getByText("Nobody holds it.").waitFor();

  await tabTo(page, "See: Machine identities");
  await keyboard.press("Space");
  await tabTo(page, "Create tokens: Machine identities");
  await keyboard.press("Space");
  await page.getByText("1 unsaved change").waitFor();
  assert.deepEqual(await rulesOf("night-shift"), [], "nothing is saved before it was seen");
  await tabTo(page, "Review and save");
  await keyboard.press("Enter");
  await operator.dialog.getByText("May see, create tokens · Machine identities").waitFor();
  await tabTo(page, "Save changes");
  await keyboard.press("Enter");
  await page.getByText("The role is saved.").waitFor();
  assert.deepEqual(await rulesOf("night-shift"), [{ subject: "identity", action: ["read", "create-token"], inverted: false }]);

  // What is not saved is not lost unasked.
  await page.getByRole("checkbox", { name: "See: Roles" }).click();
  page.once("dialog", (asked) => asked.dismiss());
  await page.getByRole("link", { name: "Projects", exact: true }).click();
  assert.match(page.url(), /roles\/night-shift/);
  page.once("dialog", (asked) => asked.accept());
  await page.getByRole("link", { name: "Projects", exact: true }).click();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  assert.equal((await rulesOf("night-shift")).length, 1);
  await operator.leave();
});

test("rules are written, ordered and tried, and one of a pattern shows what it matches", async () => {
  const { role } = await world.ask("POST", `/api/v1/projects/${shop}/roles`, { slug: "reader", name: "Reader", permissions: [] });
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/projects/${shop}/roles/reader?view=list`);
  await page.getByText("No rules: it allows nothing.").waitFor();
  await operator.button("Add rule").click();
  await page.getByLabel("Rule 1: Value").fill("/v1/invoices/**");
  const examples = page.getByRole("list", { name: "Examples" });
  assert.match(await examples.innerText(), /\/v1\/invoices\/7/);
  await page.getByLabel("Rule 1: Value").fill("/v1/[a]");
  await page.getByText("A pattern has no").waitFor();
  await page.getByLabel("Rule 1: Value").fill("/v1/**");
  await operator.button("Add rule").click();
  await page.getByText("Deny").last().click();
  await page.getByLabel("Rule 2: Value").fill("/v1/secret/**");
  await page.getByRole("textbox", { name: "Try a path" }).fill("/v1/secret/7");
  await page.getByText("Refused by rule 2.").waitFor();
  await operator.button("Move Rule 2 up").click();
  await page.getByText("Allowed by rule 2.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.closest("li")?.querySelector(".number")?.textContent), "1", "the focus goes with the rule");
  await operator.button("Move Rule 1 down").click();
  await page.getByText("Refused by rule 2.").waitFor();

  await operator.button("Review and save").click();
  await world.ask("PATCH", `/api/v1/projects/${shop}/roles/${role.id}`, { description: "Theirs." });
  await operator.button("Save changes", operator.dialog).click();
  await page.getByRole("heading", { name: "Somebody changed this" }).waitFor();
  await operator.button("Save mine over it").click();
  await page.getByText("The role is saved.").waitFor();
  const { role: now } = await world.ask("GET", `/api/v1/projects/${shop}/roles/slug/reader`);
  assert.deepEqual(now.permissions.map(({ inverted, conditions }) => [inverted, conditions.path.$glob]), [[false, "/v1/**"], [true, "/v1/secret/**"]]);
  assert.equal(now.description, "Theirs.");
  await operator.leave();
});

test("a rule that is only kept is kept, and a built-in role cannot be changed", async () => {
  const kept = { subject: "secrets", action: ["read"], conditions: { environment: "dev" } };
  await world.ask("POST", `/api/v1/projects/${shop}/roles`, { slug: "infisical", name: "Infisical", permissions: [kept, { subject: "routes", action: ["read"] }] });
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/projects/${shop}/roles/infisical?view=list`);
  await page.getByText("Kept for clients that read it back.").waitFor();
  await page.getByLabel("Create", { exact: true }).check();
  await operator.button("Review and save").click();
  await operator.button("Save changes", operator.dialog).click();
  await page.getByText("The role is saved.").waitFor();
  const { role } = await world.ask("GET", `/api/v1/projects/${shop}/roles/slug/infisical`);
  assert.deepEqual(role.permissions[0].conditions, kept.conditions);
  assert.deepEqual(role.permissions[1].action, ["read", "create"]);

  await operator.open(`/projects/${shop}/roles/viewer`);
  await page.getByText("A built-in role cannot be changed.").waitFor();
  await page.getByRole("checkbox", { name: "Create: Routes" }).click();
  assert.equal(await page.getByRole("checkbox", { name: "Create: Routes" }).getAttribute("aria-checked"), "false");
  assert.equal(await operator.button("Review and save").count(), 0);
  await operator.leave();
});

test("a role that somebody holds is not deleted, and says who holds it", async () => {
  const identity = await world.identity("holder", { role: "no-access" });
  await world.ask("POST", "/api/v1/organization/roles", { slug: "held", name: "Held", permissions: [] });
  await world.ask("PATCH", `/api/v1/identities/${identity}`, { role: "held" });
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/roles/held");
  await page.getByRole("link", { name: "holder" }).waitFor();
  await operator.choose("More for Held", "Delete role");
  await operator.button("Delete role", operator.dialog).click();
  await operator.dialog.getByRole("link", { name: "holder" }).waitFor();
  await operator.button("Cancel", operator.dialog).click();
  await world.ask("PATCH", `/api/v1/identities/${identity}`, { role: "no-access" });
  await operator.choose("More for Held", "Delete role");
  await operator.button("Delete role", operator.dialog).click();
  await page.getByRole("heading", { name: "Roles" }).waitFor();
  await operator.leave();
});
