// The workflow of the original product as one story, in a browser, against both Workers: from signing in to a token that
// is revoked everywhere. No call of the API by hand, except for what the workload does with its token.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

import { launch, Operator, steps } from "./support/browser.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

test("an operator creates an identity, gives it Token Auth, a token and a project, sees it used and revokes it", async (context) => {
  await world.project("Shop", "shop-eu");
  const operator = await Operator.arrive(browser, world, { session: false });
  const { page } = operator;
  const { step, told } = steps();

  await step("sign in with an access token", async () => {
    await operator.open("/");
    await page.getByLabel("Access token").fill(world.administrator);
    await operator.button("Sign in").click();
    await page.getByRole("heading", { name: "Machine identities" }).waitFor();
  });

  await step("create an identity with a role", async () => {
    await page.getByRole("button", { name: "Create identity" }).click();
    await operator.dialog.getByLabel("Name").fill("billing worker");
    await operator.dialog.getByLabel("Organization role").selectOption({ label: "Member" });
    await operator.button("Create", operator.dialog).click();
    await page.getByRole("heading", { name: "billing worker" }).waitFor();
  });

  await step("add Universal Auth, and remove it", async () => {
    await operator.button("Universal Auth").click();
    await page.getByText("Client id", { exact: true }).waitFor();
    await operator.choose("More for Universal Auth", "Remove Universal Auth");
    await operator.button("Remove", operator.dialog).click();
    await page.getByText("It cannot have tokens yet").waitFor();
  });

  await step("add Token Auth with TTL, max TTL, number of uses and trusted IPs", async () => {
    await operator.button("Token Auth").click();
    const form = operator.dialog;
    await form.getByLabel("Token lifetime (TTL): Amount").fill("2");
    await form.getByLabel("Token lifetime (TTL): Unit").selectOption("hours");
    await form.getByText("2 hours = 7,200 s").waitFor();
    await form.getByLabel("Longest lifetime (max TTL): Amount").fill("7");
    await form.getByText("Limited to").click();
    await form.getByLabel("Number of uses", { exact: true }).last().fill("5");
    await form.getByLabel("Trusted IPs", { exact: true }).fill("127.0.0.0/8, ::1");
    await form.getByText("16,777,216 addresses").waitFor();
    await operator.button("Add Token Auth", form).click();
    await page.getByText("2 hours", { exact: true }).waitFor();
    const identity = page.url().split("/").at(-1);
    const { identityTokenAuth } = await world.ask("GET", `/api/v1/auth/token-auth/identities/${identity}`);
    assert.equal(identityTokenAuth.accessTokenTTL, 7_200);
    assert.equal(identityTokenAuth.accessTokenMaxTTL, 604_800);
    assert.equal(identityTokenAuth.accessTokenNumUsesLimit, 5);
    assert.deepEqual(identityTokenAuth.accessTokenTrustedIps.map(({ ipAddress }) => ipAddress), ["127.0.0.0", "::1"]);
  });

  const secret = await step("create a token and copy it once", async () => {
    await page.getByRole("button", { name: "Create token" }).first().click();
    await operator.dialog.getByLabel("Name").fill("deploy job");
    await operator.button("Create token", operator.dialog).click();
    await page.getByRole("heading", { name: "Copy the token now" }).waitFor();
    await page.getByText("Waiting for its first use…").waitFor();
    await operator.button("Copy token").click();
    const copied = await operator.clipboard();
    assert.match(copied, /^tka_[0-9A-Za-z]{76}$/);
    return copied;
  });

  await step("use it with the command that stands there, and see it used", async () => {
    await operator.button("Copy the command").click();
    const command = await operator.clipboard();
    const { stdout } = await promisify(execFile)("bash", ["-c", command.replace("curl ", "curl -s ")]);
    assert.equal(JSON.parse(stdout).active, true, stdout);
    await page.getByText("It was used just now.").waitFor();
    await operator.button("Done").click();
    await page.getByRole("cell", { name: "1 of 5" }).waitFor();
  });

  await step("add it to the project with a role", async () => {
    await operator.button("Add to project").click();
    await operator.dialog.getByRole("combobox", { name: "Project", exact: true }).fill("sho");
    await page.getByRole("option", { name: "Shop" }).click();
    await operator.dialog.getByLabel("Role in the project").selectOption({ label: "Viewer" });
    await operator.button("Add to project", operator.dialog).click();
    await page.getByRole("row", { name: /Shop.*Viewer/ }).waitFor();
  });

  await step("revoke the token, and wait until that holds everywhere", async () => {
    await operator.choose("More for deploy job", "Revoke");
    await operator.dialog.getByText("Used 1 time").waitFor();
    await operator.button("Revoke", operator.dialog).click();
    await operator.dialog.getByText("In force everywhere by").waitFor();
    await operator.dialog.getByText("In force everywhere", { exact: true }).waitFor({ timeout: 30_000 });
    const { status } = await world.validate(secret);
    assert.equal(status, 401, "when the countdown is over the token is refused");
    await operator.button("Done").click();
    await page.getByRole("row", { name: /deploy job.*Revoked/ }).waitFor();
  });

  await step("sign out", async () => {
    await page.getByRole("button", { name: /^Account/ }).click();
    await page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    const { status } = await page.evaluate(async () => fetch("/api/v1/console/session", { headers: { "Token-Auth-Console": "1" } }));
    assert.equal(status ?? 401, 401);
  });

  for (const line of told) context.diagnostic(line);
  await operator.leave();
});
