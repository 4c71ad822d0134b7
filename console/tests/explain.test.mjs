// Explain: the ladder says what the server says, leads to where it is put right, and a pasted token stays in its field.
// And the settings, which can only be read.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, Operator } from "./support/browser.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

const workload = await world.identity("workload");
await world.tokenAuth(workload, { accessTokenTrustedIps: [{ ipAddress: "10.0.0.0/8" }] });
const { accessToken, tokenData } = await world.token(workload, "explained");
const shop = await world.project("Shop", "shop-eu");
await world.ask("POST", `/api/v1/projects/${shop}/routes`, { host: "api.example.com", pathPrefix: "/v1", methods: ["GET"], origin: "https://origin.example.com" });

function asked(about) {
  return `/explain?${new URLSearchParams({ tokenId: tokenData.id, address: "10.0.0.7", via: "gateway", host: "api.example.com", method: "GET", path: "/v1/x", ...about })}`;
}

test("each refusal is opened in the ladder and leads to the screen that puts it right", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const check = async (about, why, fix, at) => {
    await operator.open(asked(about));
    await page.getByText(`Refused: ${why}`).waitFor();
    assert.equal(await page.locator("details[open]").count(), 1, "only the first failure is open");
    await page.getByRole("group", { name: "Fix it" }).getByRole("link", { name: fix }).click();
    await page.waitForURL((url) => !url.pathname.endsWith("/explain"));
    const { pathname, search } = new URL(page.url());
    assert.ok((pathname + search).startsWith(`/console${at}`), pathname + search);
  };
  await check({ address: "192.0.2.1" }, "it is used from an address that is not trusted", "Open its Token Auth", `/identities/${workload}`);
  await check({}, "the identity is not a member of the project", "Add it to the project", `/projects/${shop}?create=yes`);
  await world.ask("POST", `/api/v1/projects/${shop}/memberships/identities/${workload}`, { roles: [{ role: "no-access" }] });
  await check({ method: "POST" }, "the route is not for the method", "Open the routes", `/projects/${shop}/routes?host=api.example.com`);
  await check({}, "no role allows it", "Open the role no-access", `/projects/${shop}/roles/no-access?view=list&path=`);
  await check({ host: "other.example.com" }, "no route is for the request", "Open the projects", "/projects");
  await world.ask("PATCH", `/api/v1/projects/${shop}/memberships/identities/${workload}`, { roles: [{ role: "viewer" }] });
  await operator.open(asked({}));
  await page.getByText("Every check that applies is passed.").waitFor();
  await world.ask("POST", `/api/v1/auth/token-auth/tokens/${tokenData.id}/revoke`);
  await check({}, "it has been revoked", "Create another token", `/identities/${workload}`);
  await operator.leave();
});

test("a pasted token is asked about by keyboard alone, and is neither in the address nor among the requests", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const { keyboard } = page;
  await operator.open("/explain");
  await tabTo(page, "Access token");
  await keyboard.press("Enter");
  await page.getByText("Paste a token.").waitFor();
  await keyboard.insertText(`${accessToken.slice(0, -1)}`);
  await tabTo(page, "Address");
  await keyboard.type("10.0.0.0/8");
  await page.getByText("An address, such as 198.51.100.7.").waitFor();
  await keyboard.press("ControlOrMeta+A");
  await keyboard.type("10.0.0.7");
  await keyboard.press("Enter");
  await page.getByText("Refused: the text is no token").waitFor();
  assert.ok(!page.url().includes("tka_"));
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.ok(!(await operator.clipboard()).includes(accessToken.slice(4, 20)));
  await page.getByRole("button", { name: "Requests" }).click();
  await operator.dialog.getByText("/api/v1/explain").first().waitFor();
  assert.ok(!(await page.evaluate(() => document.documentElement.outerHTML)).includes(accessToken.slice(4, 20)));
  await operator.leave();
});

test("what cannot be asked is said at its field, and no answer can be asked for again", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/explain?tokenId=nonsense");
  await page.getByText("Expected the id of a token").first().waitFor();
  await page.route("**/api/v1/explain", (route) => route.abort());
  await operator.open(asked({}));
  await page.getByText("No answer from the server.").waitFor();
  await page.unroute("**/api/v1/explain");
  await operator.button("Explain").click();
  await page.getByText("Refused:").waitFor();
  await operator.leave();
});

test("the settings say how long a change takes, and that something does not work", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open("/settings");
  await page.getByText("within 10 seconds").waitFor();
  await page.getByText("Everything works").waitFor();
  await page.route("**/api/status", (route) => route.abort());
  await page.reload();
  await page.getByText("Could not load the settings").waitFor();
  await page.unroute("**/api/status");
  await operator.button("Try again").click();
  await page.getByText("Everything works").waitFor();
  await operator.leave();
});
