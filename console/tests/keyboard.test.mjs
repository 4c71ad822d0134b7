// The same by keyboard alone: from signing in to a revoked token, no pointer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, Operator } from "./support/browser.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

test("everything from signing in to revoking a token is done by keyboard alone", async () => {
  const operator = await Operator.arrive(browser, world, { session: false });
  const { page } = operator;
  const { keyboard } = page;

  await operator.open("/");
  await tabTo(page, "Access token");
  await keyboard.insertText(world.administrator);
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Machine identities" }).waitFor();
  await operator.settled();

  // The skip link comes first and leads past the navigation.
  await page.evaluate(() => document.activeElement?.blur());
  await tabTo(page, "Skip to the content");
  await keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "content");

  await keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
  await keyboard.press("Escape");
  await operator.dialog.waitFor({ state: "detached" });

  // A key that is typed into a field is text.
  await keyboard.press("/");
  await keyboard.type("c/?");
  assert.equal(await page.getByRole("searchbox").inputValue(), "c/?");
  await keyboard.press("ControlOrMeta+A");
  await keyboard.press("Delete");
  await page.getByRole("searchbox").blur();

  await keyboard.press("c");
  await operator.dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await keyboard.type("night shift");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "night shift" }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), "H1", "the new screen has the focus");
  await page.getByText("It cannot have tokens yet").waitFor();

  await tabTo(page, "Token Auth");
  await keyboard.press("Enter");
  await operator.dialog.waitFor();
  await tabTo(page, "Add Token Auth");
  await keyboard.press("Enter");
  await operator.dialog.waitFor({ state: "detached" });
  await page.getByText("From everywhere").waitFor();

  await page.getByRole("button", { name: "Create token" }).first().waitFor();
  await keyboard.press("c");
  await operator.dialog.waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
  await keyboard.type("by hand");
  await keyboard.press("Enter");
  await page.getByRole("heading", { name: "Copy the token now" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent?.includes("Copy token"));

  // Escape does not throw an uncopied token away; it asks, and the answer is within reach.
  await keyboard.press("Escape");
  await page.getByText("Close without copying the token?").waitFor();
  await tabTo(page, "Go back");
  await keyboard.press("Enter");
  await tabTo(page, "Copy token", { backwards: true });
  await keyboard.press("Enter");
  assert.match(await operator.clipboard(), /^tka_/);
  await keyboard.press("Escape");
  await operator.dialog.waitFor({ state: "detached" });
  await page.getByText("by hand").waitFor();

  // Focus stays inside a dialog, and comes back to what opened it.
  await tabTo(page, "More for by hand");
  await keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await keyboard.press("ArrowUp");
  await page.waitForFunction(() => document.activeElement?.textContent?.trim() === "Revoke");
  await keyboard.press("Enter");
  await operator.dialog.waitFor();
  for (let press = 0; press < 8; press++) {
    await keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement?.closest('[role="dialog"]') !== null), "the focus left the dialog");
  }
  await tabTo(page, "Revoke");
  await keyboard.press("Enter");
  await operator.dialog.getByText("In force everywhere").first().waitFor();
  await keyboard.press("Escape");
  await operator.dialog.waitFor({ state: "detached" });
  await page.getByRole("row", { name: /by hand.*Revoked/ }).waitFor();
  await operator.leave();
});
