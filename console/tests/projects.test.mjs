// Projects, their members and their environments: the work of an operator, by pointer and by keyboard, and what happens
// when there is nothing, no answer, or somebody else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, Operator } from "./support/browser.mjs";
import { focused, tabTo } from "./support/keyboard.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

async function rolesOf(project, identity) {
  const { identityMembership } = await world.ask("GET", `/api/v1/projects/${project}/memberships/identities/${identity}`);
  return identityMembership.roles;
}

test("an operator makes a project, adds an identity for good and for a time, takes it out, and deletes the project", async () => {
  const identity = await world.identity("worker of the story");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/projects");
  await operator.button("Create project").first().click();
  await operator.dialog.getByLabel("Name", { exact: true }).fill("Story");
  await operator.dialog.getByRole("textbox", { name: "Slug" }).fill("No");
  await operator.dialog.getByText("At least 5 characters.").waitFor();
  await operator.dialog.getByRole("textbox", { name: "Slug" }).fill("story-of-one");
  await operator.dialog.getByText("Delete protection").click();
  await operator.button("Create", operator.dialog).click();
  await page.getByRole("heading", { name: "Story" }).waitFor();
  const project = new URL(page.url()).pathname.split("/").at(-1);
  assert.equal((await world.ask("GET", `/api/v1/projects/${project}`)).project.slug, "story-of-one");

  await operator.button("Add identity").first().click();
  await operator.dialog.getByRole("combobox", { name: "Identity", exact: true }).fill("worker of");
  await page.getByRole("option", { name: "worker of the story" }).click();
  await operator.dialog.getByLabel("Role 1", { exact: true }).selectOption("viewer");
  await operator.dialog.getByText("For a time").click();
  await operator.dialog.getByText("At least one role has to hold for good.").waitFor();
  await operator.button("Add identity", operator.dialog).click();
  await operator.dialog.getByText("For good", { exact: true }).click();
  await operator.button("Add role", operator.dialog).click();
  await operator.dialog.getByLabel("Role 2", { exact: true }).selectOption("member");
  await operator.dialog.getByText("For a time").last().click();
  await operator.dialog.getByLabel("Role 2: Amount").fill("90");
  await operator.dialog.getByLabel("Role 2: Unit").selectOption("m");
  await operator.button("Add identity", operator.dialog).click();
  await page.getByText(/ends in (1 hour|89 minutes)/).waitFor();
  const [permanent, temporary] = await rolesOf(project, identity);
  assert.deepEqual([permanent.role, permanent.isTemporary], ["viewer", false]);
  assert.deepEqual([temporary.role, temporary.isTemporary], ["member", true]);
  assert.equal(Date.parse(temporary.temporaryAccessEndTime) - Date.parse(temporary.temporaryAccessStartTime), 90 * 60_000);

  await operator.choose("More for worker of the story", "Remove from project");
  await operator.button("Remove", operator.dialog).click();
  await page.getByText("worker of the story is removed.").waitFor();

  await operator.choose("More for Story", "Delete project");
  await operator.dialog.getByLabel("Type the name to delete it").fill("Stori");
  assert.ok(await operator.button("Delete project", operator.dialog).isDisabled());
  await operator.dialog.getByLabel("Type the name to delete it").fill("Story");
  await operator.button("Delete project", operator.dialog).click();
  await page.getByRole("heading", { name: "Projects" }).waitFor();
  await page.getByText("Story is deleted.").waitFor();
  await operator.leave();
});

test("a change of roles keeps the beginning of a temporary role, and says when somebody else was faster", async () => {
  const [project, identity] = [await world.project("Fast", "fast-hands"), await world.identity("contested")];
  const begins = new Date(Date.now() - 3_600_000 + 123).toISOString();
  const temporary = (temporaryRange) => ({ role: "admin", isTemporary: true, temporaryMode: "relative", temporaryRange, temporaryAccessStartTime: begins });
  await world.ask("POST", `/api/v1/projects/${project}/memberships/identities/${identity}`, { roles: [{ role: "viewer" }, temporary("4h")] });
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/projects/${project}`);
  await operator.choose("More for contested", "Change roles");
  await operator.dialog.getByLabel("Role 1", { exact: true }).selectOption("member");
  await world.ask("PATCH", `/api/v1/projects/${project}/memberships/identities/${identity}`, { roles: [{ role: "viewer" }, temporary("5h")] });
  await operator.button("Save changes").click();
  await page.getByRole("heading", { name: "Somebody changed this" }).waitFor();
  assert.equal((await rolesOf(project, identity))[0].role, "viewer", "nothing was saved over it");
  await operator.button("Save mine over it").click();
  await page.getByText("The roles of contested are changed.").waitFor();
  const [first, second] = await rolesOf(project, identity);
  assert.equal(first.role, "member");
  assert.equal(second.temporaryAccessStartTime, begins);
  await operator.leave();
});

test("a project is renamed, and a change by somebody else is shown first", async () => {
  const project = await world.project("Old name", "old-name");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/projects/${project}`);
  await operator.button("Edit").click();
  await operator.dialog.getByLabel("Name", { exact: true }).fill("New name");
  await world.ask("PATCH", `/api/v1/projects/${project}`, { description: "Theirs." });
  await operator.button("Save changes").click();
  await page.getByRole("heading", { name: "Somebody changed this" }).waitFor();
  await page.getByRole("cell", { name: "Theirs." }).first().waitFor();
  await operator.button("Start again from theirs").click();
  assert.equal(await operator.dialog.getByLabel("Name", { exact: true }).inputValue(), "Old name");
  await operator.dialog.getByLabel("Name", { exact: true }).fill("New name");
  await operator.button("Save changes").click();
  await page.getByRole("heading", { name: "New name" }).waitFor();
  const { project: now } = await world.ask("GET", `/api/v1/projects/${project}`);
  assert.deepEqual([now.name, now.description], ["New name", "Theirs."]);
  await operator.leave();
});

test("lists say that they are loading, that nothing matches, and that there was no answer; what they show is in the address", async () => {
  await world.project("Findable", "findable");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/api/v1/projects", async (route) => {
    await held;
    await route.continue();
  });
  await operator.open("/projects");
  assert.equal(await page.getByRole("table", { name: "projects" }).getAttribute("aria-busy"), "true");
  release();
  await page.getByRole("link", { name: "Findable" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("no such project");
  await page.getByText("Nothing matches").waitFor();
  assert.match(page.url(), /search=no\+such\+project/);
  await page.reload();
  await operator.button("Clear search and filters").click();
  await page.getByRole("link", { name: "Findable" }).waitFor();

  await page.unroute("**/api/v1/projects");
  await page.route("**/api/v1/projects", (route) => route.abort());
  await page.reload();
  await page.getByText("Could not load projects").waitFor();
  await page.unroute("**/api/v1/projects");
  await operator.button("Try again").click();
  await page.getByRole("link", { name: "Findable" }).waitFor();
  await operator.open("/projects/nothing");
  await page.getByText("Could not load the project").waitFor();
  await operator.leave();
});

test("environments are added, renamed and deleted by keyboard alone", async () => {
  const project = await world.project("Places", "places");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const { keyboard } = page;
  await operator.open(`/projects/${project}/environments`);
  await page.getByRole("cell", { name: "Production", exact: true }).waitFor();
  await keyboard.press("c");
  await operator.dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await keyboard.type("Canary");
  await keyboard.press("Tab");
  await keyboard.type("canary");
  await keyboard.press("Enter");
  await page.getByRole("cell", { name: "Canary", exact: true }).waitFor();
  await operator.dialog.waitFor({ state: "detached" });

  await tabTo(page, "More for Canary");
  await keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await keyboard.press("Enter");
  await operator.dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await keyboard.press("ControlOrMeta+A");
  await keyboard.type("First");
  await keyboard.press("Enter");
  await page.getByRole("cell", { name: "First", exact: true }).waitFor();
  await operator.dialog.waitFor({ state: "detached" });

  if ((await focused(page)) !== "More for First") await tabTo(page, "More for First");
  await keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await keyboard.press("End");
  await keyboard.press("Enter");
  await operator.dialog.waitFor();
  await tabTo(page, "Delete");
  await keyboard.press("Enter");
  await page.getByText("First is deleted.").waitFor();
  const { environments } = await world.ask("GET", `/api/v1/projects/${project}/environments`);
  assert.deepEqual(environments.map(({ slug }) => slug), ["dev", "staging", "prod"]);
  await operator.leave();
});
