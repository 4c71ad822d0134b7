// A token that was created is nowhere once its dialog is closed: not in the page, its storage or its history, and in no
// request the page has sent.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { launch, Operator } from "./support/browser.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

async function created(operator, name) {
  await operator.page.getByRole("button", { name: "Create token" }).first().click();
  await operator.dialog.getByLabel("Name").fill(name);
  await operator.button("Create token", operator.dialog).click();
  await operator.page.getByRole("heading", { name: "Copy the token now" }).waitFor();
  return operator.page.getByLabel("Access token").textContent();
}

// Everything in which a script of the page could find a text, and what stands behind "back".
function everything(page) {
  return page.evaluate(async () => {
    const databases = await indexedDB.databases();
    const caches = await window.caches.keys();
    return [
      document.documentElement.outerHTML,
      ...[...document.querySelectorAll("input, textarea")].map((field) => field.value),
      JSON.stringify(localStorage),
      JSON.stringify(sessionStorage),
      JSON.stringify(history.state),
      location.href,
      document.cookie,
      window.name,
      JSON.stringify(databases),
      JSON.stringify(caches),
    ].join("\n");
  });
}

test("a created token is in neither page, storage, history nor requests after its dialog is closed", async () => {
  const identity = await world.identity("secretive");
  await world.tokenAuth(identity);
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const sent = [];
  page.on("request", (request) => sent.push(`${request.method()} ${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ""}`));
  await operator.open(`/identities/${identity}`);

  const secret = await created(operator, "kept");
  assert.match(secret, /^tka_[0-9A-Za-z]{76}$/);
  await operator.button("Copy token").click();
  // At least one look whether it has been used.
  await page.waitForResponse((response) => response.url().includes("/token-auth/tokens/"));
  await operator.button("Done").click();
  await operator.dialog.waitFor({ state: "detached" });

  assert.ok(!(await everything(page)).includes(secret), "the token is still in the page");
  assert.deepEqual(sent.filter((request) => request.includes(secret)), []);
  await page.getByRole("button", { name: "Requests" }).click();
  await operator.dialog.getByText("/tokens").first().waitFor();
  assert.ok(!(await everything(page)).includes(secret), "the list of requests holds the token");
  await page.keyboard.press("Escape");

  // Nor does it come back.
  await page.goBack().catch(() => {});
  await page.goto(`${world.url}/console/identities/${identity}`);
  await page.getByText("kept").waitFor();
  assert.ok(!(await everything(page)).includes(secret));
  await operator.leave();
});

test("neither Escape, the browser's back, nor a link takes an uncopied token away unasked", async () => {
  const identity = await world.identity("careful");
  await world.tokenAuth(identity);
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/identities");
  await page.getByRole("link", { name: "careful" }).click();
  await page.getByRole("heading", { name: "careful" }).waitFor();
  const secret = await created(operator, "uncopied");

  for (const leave of [() => page.keyboard.press("Escape"), () => page.goBack(), () => operator.button("Done").click()]) {
    await leave();
    await page.getByText("Close without copying the token?").waitFor();
    assert.equal(await page.getByLabel("Access token").textContent(), secret);
    await operator.button("Go back").click();
  }
  await page.keyboard.press("Escape");
  await operator.button("Close anyway").click();
  await operator.dialog.waitFor({ state: "detached" });
  assert.ok(!(await everything(page)).includes(secret));
  await operator.leave();
});

test("the file that is downloaded holds the token and nothing else", async () => {
  const identity = await world.identity("download");
  await world.tokenAuth(identity);
  const operator = await Operator.arrive(browser, world);
  await operator.open(`/identities/${identity}`);
  const secret = await created(operator, "env");
  const coming = operator.page.waitForEvent("download");
  await operator.button("Download .env").click();
  const download = await coming;
  assert.equal(await readFile(await download.path(), "utf8"), `TOKEN_AUTH_ACCESS_TOKEN=${secret}\n`);
  await operator.button("Done").click();
  await operator.dialog.waitFor({ state: "detached" });
  await operator.leave();
});

test("the token that somebody signs in with is nowhere afterwards", async () => {
  const operator = await Operator.arrive(browser, world, { session: false });
  const { page } = operator;
  await operator.open("/identities");
  await page.getByLabel("Access token").fill(world.administrator);
  await operator.button("Sign in").click();
  await page.getByRole("heading", { name: "Machine identities" }).waitFor();
  assert.ok(!(await everything(page)).includes(world.administrator));
  await page.getByRole("button", { name: "Requests" }).click();
  await operator.dialog.getByText("/api/v1/identities/search").first().waitFor();
  assert.ok(!(await everything(page)).includes(world.administrator));
  // A script of the page cannot read the session either.
  assert.equal(await page.evaluate(() => document.cookie), "");
  await operator.leave();
});
