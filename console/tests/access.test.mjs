// Signing in through Cloudflare Access, as a browser behind it does: Access adds its assertion to every request. And who
// signs in as an identity, on the identity's page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { AccessTeam, ASSERTION_HEADER, now } from "../../tests/support/access_team.mjs";
import { Operator, SCHEMES, SIZES, cellsOf, launch } from "./support/browser.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { World } from "./support/world.mjs";

const team = await AccessTeam.start();
const world = await World.start({ vars: team.vars });
const browser = await launch();
const ada = await world.identity("ada", { role: "admin" });
const subjectOf = async (identity) => (await world.ask("GET", `/api/v1/console/identities/${identity}/access-subject`)).accessSubject;
const give = (identity, accessSubject) => world.ask("PUT", `/api/v1/console/identities/${identity}/access-subject`, { accessSubject });
await give(ada, "ada@example.com");

// Somebody whom Access has let through to the sign-in page.
function behindAccess(assertion) {
  return Operator.arrive(browser, world, { session: false, settings: { extraHTTPHeaders: { [ASSERTION_HEADER]: assertion } } });
}

async function assertClean(operator, what) {
  for (const [name, size] of Object.entries(SIZES)) {
    await operator.page.setViewportSize(size);
    assert.ok((await operator.overflow()) <= 0, `${what}, ${name}`);
    for (const scheme of SCHEMES) {
      await operator.colour(scheme);
      assert.deepEqual(await operator.axe(), [], `${what}, ${name}, ${scheme}`);
    }
  }
  await operator.colour("light");
}

test("who is behind Cloudflare Access signs in with it, by keyboard, and is told who they are", async () => {
  const operator = await behindAccess(team.assertion());
  const { page } = operator;
  await operator.open("/identities?search=ada");
  await operator.button("Continue with Cloudflare Access").waitFor();
  await assertClean(operator, "sign in");
  await tabTo(page, "Continue with Cloudflare Access");
  await page.keyboard.press("Enter");
  // Where they wanted to go.
  await page.getByRole("link", { name: "ada" }).waitFor();
  await page.getByRole("button", { name: /^Account/ }).click();
  const menu = page.getByRole("menu");
  await menu.getByText("Signed in as ada").waitFor();
  await menu.getByText("with Cloudflare Access").waitFor();
  assert.equal(await page.evaluate(() => document.cookie), "");
  await operator.leave();
});

test("neither a person without an identity nor an expired assertion signs in, and both read the same", async () => {
  const check = async (claims) => {
    const operator = await behindAccess(team.assertion({ claims }));
    const { page } = operator;
    await operator.open("/identities");
    await operator.button("Continue with Cloudflare Access").click();
    const alert = page.getByRole("alert");
    await alert.waitFor();
    const said = await alert.textContent();
    await assertClean(operator, "refused");
    // Nobody is signed in, and the button is there again.
    assert.deepEqual(await operator.context.cookies(), []);
    assert.ok(await operator.button("Continue with Cloudflare Access").isEnabled());
    await operator.leave();
    return said.trim();
  };
  const without = await check({ email: "eve@example.com" });
  const expired = await check({ exp: now() - 1 });
  assert.equal(without, "These credentials do not sign you in.");
  assert.equal(expired, without);
});

test("who signs in as an identity is set, changed and cleared on its page, and no address is given twice", async () => {
  const identity = await world.identity("night shift");
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/identities/${identity}`);
  const card = page.locator("section", { has: page.getByRole("heading", { name: "Cloudflare Access" }) });
  await card.getByText("Nobody").waitFor();
  const edit = async (address) => {
    await operator.button("Edit: Cloudflare Access").click();
    await operator.dialog.getByLabel("E-mail address").fill(address);
    await operator.button("Save changes", operator.dialog).click();
  };

  await edit("not an address");
  await operator.dialog.getByText("Contains a character that is not allowed here.").waitFor();
  await operator.dialog.getByLabel("E-mail address").fill("Ada@Example.com");
  await operator.button("Save changes", operator.dialog).click();
  await operator.dialog.getByText("Another identity of the organization has this address.").waitFor();
  await assertClean(operator, "an address that is taken");
  assert.equal(await subjectOf(identity), null);
  assert.equal(await subjectOf(ada), "ada@example.com");
  await operator.dialog.getByLabel("E-mail address").fill("night@example.com");
  await operator.button("Save changes", operator.dialog).click();
  await card.getByText("night@example.com").waitFor();
  assert.equal(await subjectOf(identity), "night@example.com");
  await operator.settled();
  await assertClean(operator, "the card");

  // Somebody else gives it to another person meanwhile.
  await operator.button("Edit: Cloudflare Access").click();
  await operator.dialog.getByLabel("E-mail address").fill("mine@example.com");
  await give(identity, "theirs@example.com");
  await operator.button("Save changes", operator.dialog).click();
  const conflict = page.getByRole("alert").filter({ hasText: "Somebody changed this" });
  await conflict.waitFor();
  assert.deepEqual(await cellsOf(conflict, /^E-mail/), ["night@example.com", "theirs@example.com", "mine@example.com"]);
  assert.equal(await subjectOf(identity), "theirs@example.com");
  await operator.button("Start again from theirs").click();
  await operator.dialog.getByLabel("E-mail address").fill("");
  await operator.button("Save changes", operator.dialog).click();
  await card.getByText("Nobody").waitFor();
  assert.equal(await subjectOf(identity), null);
  await operator.leave();
});

test("an installation without Access shows neither the button nor the card", async (context) => {
  const without = await World.start({ context });
  const identity = await without.identity("plain");
  const stranger = await Operator.arrive(browser, without, { session: false });
  await stranger.open("/");
  await stranger.button("Sign in").waitFor();
  assert.equal(await stranger.page.getByText("Cloudflare Access").count(), 0);
  await stranger.leave();
  const operator = await Operator.arrive(browser, without);
  await operator.open(`/identities/${identity}`);
  await operator.settled();
  assert.equal(await operator.page.getByText("Cloudflare Access").count(), 0);
  await operator.leave();
});
