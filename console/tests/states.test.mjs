// What a screen shows before there is an answer, when there is nothing, when nothing matches, when the answer is a refusal
// and when there is none; and what happens when two people, or two tabs, do things at the same time.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Operator, cellsOf, launch } from "./support/browser.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

// Answers of the API are held back until the function that is answered is called.
async function holdBack(page, pattern) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

test("a list says that it is loading, then that there is nothing, and that nothing matches is something else", async () => {
  const identity = await world.identity("states");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const release = await holdBack(page, "**/api/v1/identities/search");
  await operator.open("/identities");
  await page.getByRole("table", { name: "machine identities" }).waitFor();
  assert.equal(await page.getByRole("table").getAttribute("aria-busy"), "true");
  release();
  await page.getByRole("link", { name: "states" }).waitFor();

  await page.getByRole("searchbox").fill("no such name");
  await page.getByText("Nothing matches").waitFor();
  assert.match(page.url(), /search=no\+such\+name/);
  await operator.button("Clear search and filters").click();
  await page.getByRole("link", { name: "states" }).waitFor();

  await operator.open(`/identities/${identity}`);
  await page.getByText("No tokens yet").waitFor();
  await page.getByText("In no project").waitFor();
  await operator.leave();
});

test("what a list shows is in the address, and the browser's back undoes it", async () => {
  for (let number = 1; number <= 25; number++) await world.identity(`page ${String(number).padStart(2, "0")}`);
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/identities?search=page");
  await page.getByText("1–20 of 25").waitFor();
  await operator.button("Next page").click();
  await page.getByText("21–25 of 25").waitFor();
  assert.match(page.url(), /offset=20/);
  await page.getByRole("button", { name: "Name" }).click();
  await page.getByRole("columnheader", { name: "Name" }).and(page.locator('[aria-sort="descending"]')).waitFor();
  await page.getByRole("row").nth(1).getByRole("link", { name: "page 25" }).waitFor();
  await page.goBack();
  await page.getByText("21–25 of 25").waitFor();
  await page.reload();
  await page.getByText("21–25 of 25").waitFor();
  await operator.leave();
});

test("a lost connection is said, loses nothing that was typed, and the same request makes nothing twice", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/identities?create=yes");
  await operator.dialog.getByLabel("Name").fill("only once");
  // The request arrives; its answer does not.
  await page.route("**/api/v1/identities", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await operator.button("Create", operator.dialog).click();
  await operator.dialog.getByText("No answer from the server").waitFor();
  assert.equal(await operator.dialog.getByLabel("Name").inputValue(), "only once");
  await page.unroute("**/api/v1/identities");
  await operator.button("Create", operator.dialog).click();
  await page.getByRole("heading", { name: "only once" }).waitFor();
  const { totalCount } = await world.ask("POST", "/api/v1/identities/search", { search: { name: "only once" } });
  assert.equal(totalCount, 1);

  await operator.context.setOffline(true);
  await page.getByRole("link", { name: "Machine identities" }).first().click();
  await page.getByText("Could not load machine identities").waitFor();
  await operator.context.setOffline(false);
  await operator.button("Try again").click();
  await page.getByRole("link", { name: "only once" }).waitFor();
  await operator.leave();
});

test("what somebody else has changed meanwhile is shown beside what was and what is wanted, and nothing is overwritten unasked", async () => {
  const identity = await world.identity("contested");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/identities/${identity}`);
  await operator.button("Edit").click();
  await operator.dialog.getByLabel("Name").fill("mine");
  await world.ask("PATCH", `/api/v1/identities/${identity}`, { name: "theirs" });
  await operator.button("Save changes").click();
  const conflict = page.getByRole("alert").filter({ hasText: "Somebody changed this" });
  await conflict.waitFor();
  assert.deepEqual(await cellsOf(conflict, /^Name/), ["contested", "theirs", "mine"]);
  const name = async () => (await world.ask("GET", `/api/v1/identities/${identity}`)).identity.identity.name;
  assert.equal(await name(), "theirs");

  await operator.button("Start again from theirs").click();
  assert.equal(await operator.dialog.getByLabel("Name").inputValue(), "theirs");
  await operator.dialog.getByLabel("Name").fill("mine after all");
  await operator.button("Save changes").click();
  await page.getByRole("heading", { name: "mine after all" }).waitFor();
  assert.equal(await name(), "mine after all");

  await world.tokenAuth(identity, { accessTokenTTL: 60 });
  await page.reload();
  await operator.button("Configure").click();
  await operator.dialog.getByText("Limited to").click();
  await world.ask("PATCH", `/api/v1/auth/token-auth/identities/${identity}`, { accessTokenTTL: 120 });
  await operator.button("Save changes").click();
  await conflict.getByRole("row", { name: /1 minute 2 minutes 1 minute/ }).waitFor();
  await operator.button("Save mine over it").click();
  await operator.dialog.waitFor({ state: "detached" });
  const { identityTokenAuth } = await world.ask("GET", `/api/v1/auth/token-auth/identities/${identity}`);
  assert.deepEqual([identityTokenAuth.accessTokenTTL, identityTokenAuth.accessTokenNumUsesLimit], [60, 100]);
  await operator.leave();
});

test("a tag that a proxy has weakened on its way is as good as the one that was sent", async () => {
  const identity = await world.identity("behind a proxy");
  const path = `/api/v1/identities/${identity}`;
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const tags = [];
  await page.route(`**${path}`, async (route) => {
    const request = route.request();
    if (request.method() !== "GET") {
      tags.push(request.headers()["if-match"]);
      return route.continue();
    }
    const response = await route.fetch();
    return route.fulfill({ response, headers: { ...response.headers(), etag: `W/${response.headers()["etag"]}` } });
  });
  await operator.open(`/identities/${identity}`);
  const change = async (name) => {
    await operator.button("Edit").click();
    await operator.dialog.getByLabel("Name").fill(name);
    await operator.button("Save changes").click();
    await page.getByRole("heading", { name }).waitFor();
  };
  await change("as good");
  await change("as good as before");
  for (const tag of tags) assert.match(tag, /^W\/"[0-9a-f]{32}"$/);
  assert.equal(tags.length, 2);
  await operator.leave();
});

test("a role that somebody may no longer give is refused with what is missing, in words, and a changed role can be undone", async () => {
  const custom = async (slug, actions) => {
    const permissions = [{ subject: "identity", action: actions }, { subject: "role", action: ["read"] }];
    return (await world.ask("POST", "/api/v1/organization/roles", { slug, name: slug, permissions })).role.id;
  };
  const giver = await custom("giver", ["read", "create", "grant-privileges"]);
  await custom("sees", ["read"]);
  const person = await world.identity("gives roles", { role: "giver" });
  await world.tokenAuth(person);
  const { accessToken } = await world.token(person, "console");
  const limited = await Operator.arrive(browser, world, { session: false });
  await limited.signInQuietly(accessToken);
  await limited.open("/identities?create=yes");
  await limited.dialog.getByLabel("Name").fill("too much");
  await limited.dialog.getByLabel("Organization role").selectOption("sees");
  // What the page was told is no longer so.
  await world.ask("PATCH", `/api/v1/organization/roles/${giver}`, {
    permissions: [{ subject: "identity", action: ["read", "create"] }, { subject: "role", action: ["read"] }],
  });
  await limited.button("Create", limited.dialog).click();
  await limited.dialog.getByText("This would give more than you hold yourself.").waitFor();
  await limited.dialog.getByText("give roles to machine identities").waitFor();
  const { totalCount } = await world.ask("POST", "/api/v1/identities/search", { search: { name: "too much" } });
  assert.equal(totalCount, 0);
  await limited.leave();

  const changed = await world.identity("promoted");
  const role = async () => (await world.ask("GET", `/api/v1/identities/${changed}`)).identity.role;
  const operator = await Operator.arrive(browser, world);
  await operator.open("/identities?search=promoted");
  await operator.page.getByLabel("Organization role of promoted").selectOption({ label: "Member" });
  await operator.page.getByText("promoted now has the role Member.").waitFor();
  assert.equal(await role(), "member");
  await operator.button("Undo").click();
  await operator.page.getByText("promoted now has the role No Access.").waitFor();
  assert.equal(await role(), "no-access");
  await operator.leave();
});

test("fields are checked by the API's own rules while somebody types, and Never is no zero", async () => {
  const identity = await world.identity("rules");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const sent = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(new URL(request.url()).pathname));
  await operator.open("/identities?create=yes");
  await operator.dialog.getByLabel("Name").fill("x".repeat(256));
  await operator.dialog.getByText("At most 255 characters; these are 256.").waitFor();
  await operator.button("Create", operator.dialog).click();
  assert.ok(!sent.includes("/api/v1/identities"));

  await operator.open(`/identities/${identity}`);
  await operator.button("Token Auth").click();
  const form = operator.dialog;
  await form.getByLabel("Token lifetime (TTL): Amount").fill("3651");
  await form.getByText("At most 315,360,000.").waitFor();
  await form.getByRole("radiogroup", { name: "Token lifetime (TTL)" }).getByText("Never").click();
  await form.getByRole("radiogroup", { name: "Longest lifetime (max TTL)" }).getByText("Never").click();
  await form.getByLabel("Trusted IPs", { exact: true }).fill("10.0.0.0/8");
  await form.getByText("not included").waitFor();
  await operator.button("Add Token Auth", form).click();
  await page.getByText("Never", { exact: true }).first().waitFor();
  const { identityTokenAuth } = await world.ask("GET", `/api/v1/auth/token-auth/identities/${identity}`);
  assert.deepEqual([identityTokenAuth.accessTokenTTL, identityTokenAuth.accessTokenMaxTTL, identityTokenAuth.accessTokenNumUsesLimit], [0, 0, 0]);
  await operator.leave();
});

test("what is copied as curl asks the same, and holds no credential", async () => {
  const operator = await Operator.arrive(browser, world);
  await operator.open("/identities?create=yes");
  await operator.dialog.getByLabel("Name").fill("it's quoted");
  await operator.button("Copy as curl", operator.dialog).click();
  const command = await operator.clipboard();
  assert.match(command, /^curl -X POST \\\n {2}'http:\/\/127\.0\.0\.1:\d+\/api\/v1\/identities'/);
  assert.match(command, /Authorization: Bearer \$TOKEN/);
  assert.ok(command.includes(`"name":"it'\\''s quoted"`), command);
  assert.ok(!command.includes("tka_"));
  await operator.leave();
});

test("two tabs agree: who signs out in one is signed out in the other, and in again", async () => {
  const operator = await Operator.arrive(browser, world);
  const first = operator.page;
  await operator.open("/identities");
  const second = await operator.context.newPage();
  operator.watch(second);
  await second.goto(`${world.url}/console/identities?search=states`);
  await second.getByRole("link", { name: "states" }).waitFor();

  await first.getByRole("button", { name: /^Account/ }).click();
  await first.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await first.getByRole("heading", { name: "Sign in" }).waitFor();
  await second.getByRole("heading", { name: "Sign in" }).waitFor();
  await second.getByText("Your session has ended.").waitFor();

  await first.getByLabel("Access token").fill(world.administrator);
  await operator.button("Sign in", first).click();
  await first.getByRole("heading", { name: "Machine identities" }).waitFor();
  // Where it was, with what it showed.
  await second.getByRole("link", { name: "states" }).waitFor();
  assert.match(second.url(), /search=states/);
  await operator.leave();
});

test("a session that has ended on the server leads to signing in, and back to where one was", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/identities?search=states");
  await page.getByRole("link", { name: "states" }).waitFor();
  await operator.context.clearCookies();
  await page.getByRole("button", { name: "Name" }).click();
  await page.getByText("Your session has ended.").waitFor();
  await page.getByLabel("Access token").fill(world.administrator);
  await operator.button("Sign in").click();
  await page.getByRole("link", { name: "states" }).waitFor();
  assert.match(page.url(), /order=desc/);
  await operator.leave();
});

test("five minutes before a session ends that is said, and it can be made longer", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  // Only the page's clock goes ahead.
  await page.clock.install();
  await operator.open("/identities");
  const { session } = await (await page.request.get(`${world.url}/api/v1/console/session`, { headers: { "Token-Auth-Console": "1" } })).json();
  const left = Math.min(Date.parse(session.idleExpiresAt), Date.parse(session.expiresAt)) - Date.now();
  await page.clock.fastForward(left - 4 * 60_000);
  await page.getByText(/Your session ends in [34]:\d\d\./).waitFor();
  await operator.button("Stay signed in").waitFor();
  await operator.leave();
});

test("a table of ten thousand tokens is shown a page at a time, without waiting", async (context) => {
  const many = await World.start({ context });
  const identity = await many.identity("crowded");
  await many.tokenAuth(identity);
  const { tokenData } = await many.token(identity, "first of many");
  await many.copyToken(tokenData.id, 9_999);
  const operator = await Operator.arrive(browser, many);
  const { page } = operator;
  const began = performance.now();
  await operator.open(`/identities/${identity}`);
  await page.getByText("first of many").waitFor();
  context.diagnostic(`first page of 10,000 tokens: ${Math.round(performance.now() - began)} ms`);
  await page.getByText("1–20", { exact: true }).waitFor();
  await page.getByLabel("Rows per page").selectOption("50");
  await page.getByText("1–50", { exact: true }).waitFor();
  assert.equal(await page.getByRole("table", { name: "tokens" }).getByRole("row").count(), 51);
  await operator.open(`/identities/${identity}?offset=9980&size=50`);
  await page.getByText("9,981–10,000", { exact: true }).waitFor();
  assert.ok(await operator.button("Next page").isDisabled());
  await operator.leave();
});
