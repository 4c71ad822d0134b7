// Routes and delegations: what a request takes is what the server says, and what stands in the way is said before it is
// sent.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, Operator } from "./support/browser.mjs";
import { tabTo } from "./support/keyboard.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
const browser = await launch();

const workload = await world.identity("workload");
await world.tokenAuth(workload);
const { tokenData } = await world.token(workload, "asks");
const shop = await world.project("Shop", "shop-eu");
const search = await world.project("Search", "search");
for (const project of [shop, search]) await world.ask("POST", `/api/v1/projects/${project}/memberships/identities/${workload}`, { roles: [{ role: "member" }] });
const route = (project, about) => world.ask("POST", `/api/v1/projects/${project}/routes`, about);
await route(shop, { host: "api.example.com", pathPrefix: "/v1", origin: "https://origin.example.com" });
await route(shop, { host: "api.example.com", pathPrefix: "/v1/invoices", methods: ["GET"], origin: "https://invoices.example.com", timeoutSeconds: 60 });
await route(shop, { host: "api.example.com", pathPrefix: "/v1/proxied", origin: null });
await route(shop, { host: null, pathPrefix: "/ledger", origin: "https://ledger.example.com" });
await route(search, { host: "search.example.com", pathPrefix: "/v1", origin: "https://search-origin.example.com" });

// What the server says of a request of a member: the prefix of the route it takes, or why it takes none.
async function explained(request) {
  const { explanation } = await world.ask("POST", "/api/v1/explain", { tokenId: tokenData.id, clientIp: "127.0.0.1", request });
  const taken = explanation.checks.find(({ check }) => check === "route").inputs.route;
  return { code: explanation.refusal?.code, taken: taken?.projectId === shop ? taken.pathPrefix : undefined };
}

// What the console says.
async function tried({ page }, { host, method, path, via }) {
  await page.getByLabel("Host", { exact: true }).fill(host);
  await page.getByLabel("Path", { exact: true }).fill(path);
  await page.getByRole("combobox", { name: "Method" }).selectOption(method);
  await page.getByText(via === "gateway" ? "Gateway" : "Reverse proxy", { exact: true }).click();
  await page.waitForFunction((wanted) => location.search.includes("via=forward-auth") === wanted, via !== "gateway");
  await page.waitForLoadState("networkidle");
  // The name of a project can still be on its way.
  await page.waitForFunction(() => !document.querySelector(".answer[role=status]").innerText.includes("…"));
  return page.locator(".answer[role=status]").innerText();
}

test("try a path says of every request what the server says", async () => {
  const operator = await Operator.arrive(browser, world);
  await operator.open(`/projects/${shop}/routes`);
  const requests = ["gateway", "forward-auth"].flatMap((via) =>
    [
      ["api.example.com", "GET", "/v1/other"],
      ["api.example.com", "GET", "/v1/invoices/7"],
      ["api.example.com", "HEAD", "/v1/invoices"],
      ["api.example.com", "POST", "/v1/invoices/7"],
      ["api.example.com", "GET", "/v1x"],
      ["api.example.com", "GET", "/v1/proxied/x"],
      ["api.example.com", "GET", "/ledger/1"],
      ["other.example.com", "DELETE", "/ledger"],
      ["search.example.com", "GET", "/v1/x"],
      ["api.example.com", "GET", "/v1//x"],
      ["api.example.com", "GET", "/v1/../x"],
    ].map(([host, method, path]) => ({ host, method, path, via })),
  );
  for (const request of requests) {
    const [server, console] = [await explained(request), await tried(operator, request)];
    const about = `${JSON.stringify(request)}: ${JSON.stringify(server)}, ${console}`;
    if (server.code === "ambiguous_path") assert.match(console, /more than one way/, about);
    else if (server.code === "method_not_allowed") assert.match(console, /takes .* only/, about);
    else if (server.code === undefined && server.taken !== undefined) assert.ok(console.includes(" takes ") && console.includes(server.taken), about);
    else assert.match(console, /delegated to (Search|no project)|No route of this project|is none/, about);
  }
  await operator.leave();
});

test("try a path names the roles that allow it, and leads to the rule that decides", async () => {
  await world.ask("POST", `/api/v1/projects/${shop}/roles`, {
    slug: "no-drafts",
    name: "No drafts",
    permissions: [
      { subject: "requests", action: ["read"], conditions: { path: { $glob: "/v1/**" } } },
      { subject: "requests", action: ["read"], inverted: true, conditions: { path: { $glob: "/v1/**/draft" } } },
    ],
  });
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/projects/${shop}/routes`);
  await page.getByLabel("Host", { exact: true }).fill("api.example.com");
  await page.getByLabel("Path", { exact: true }).fill("/v1/other/draft");
  const line = page.getByRole("listitem").filter({ hasText: "No drafts" });
  await line.getByText("by rule 2").waitFor();
  await line.getByText("Does not").waitFor();
  await page.getByRole("listitem").filter({ hasText: "Viewer" }).getByText("Allows it").waitFor();
  await line.getByRole("link", { name: "No drafts" }).click();
  await page.getByText("Refused by rule 2.").waitFor();
  await operator.leave();
});

test("a route is added, changed and deleted, and a conflict is said before it is sent", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  await operator.open(`/projects/${shop}/routes`);
  await operator.button("Add route").first().click();
  const form = operator.dialog;
  await form.getByRole("textbox", { name: "Host" }).fill("api.example.com");
  await form.getByLabel("Path prefix").fill("/v1/invoices/");
  await form.getByText("There is a route for the same requests already:").waitFor();
  await form.getByLabel("Path prefix").fill("v1");
  await form.getByText("Contains a character that is not allowed here.").waitFor();
  await form.getByLabel("Path prefix").fill("/v1/payouts");
  await form.getByText("It takes requests from:").waitFor();
  await form.getByText("These", { exact: true }).click();
  await form.getByLabel("POST").check();
  await form.getByLabel("Origin", { exact: true }).fill("https://payouts.example.com");
  await form.getByLabel("Timeout").fill("101");
  await form.getByText("At most 100.").waitFor();
  await form.getByLabel("Timeout").fill("5");
  await form.getByText("May become a WebSocket").click();
  await operator.button("Add header", form).click();
  await form.getByLabel("Name 1").fill("X-Team");
  await form.getByLabel("Value 1").fill("payments");
  await operator.button("Add route", form).click();
  await page.getByText("The route is added.").waitFor();
  const made = async () => (await world.ask("GET", `/api/v1/projects/${shop}/routes`)).routes.find(({ pathPrefix }) => pathPrefix === "/v1/payouts");
  const { methods, timeoutSeconds, webSocket, headers, id } = await made();
  assert.deepEqual({ methods, timeoutSeconds, webSocket, headers }, { methods: ["GET", "POST"], timeoutSeconds: 5, webSocket: true, headers: [{ name: "x-team", value: "payments" }] });

  await operator.choose("More for api.example.com /v1/payouts", "Edit");
  await operator.dialog.getByLabel("Timeout").fill("6");
  await world.ask("PATCH", `/api/v1/projects/${shop}/routes/${id}`, { webSocket: false });
  await operator.button("Save changes").click();
  await page.getByRole("heading", { name: "Somebody changed this" }).waitFor();
  assert.equal((await made()).timeoutSeconds, 5, "nothing was saved over it");
  await operator.button("Save mine over it").click();
  await page.getByText("Saved.").waitFor();
  assert.equal((await made()).timeoutSeconds, 6);

  await operator.choose("More for api.example.com /v1/payouts", "Delete");
  await operator.button("Delete", operator.dialog).click();
  await page.getByText("The route is deleted.").waitFor();
  assert.equal(await made(), undefined);
  await operator.leave();
});

test("requests are delegated and taken back by keyboard alone, and routes that stand in the way are named", async () => {
  const operator = await Operator.arrive(browser, world);
  const { page } = operator;
  const { keyboard } = page;
  await operator.open("/route-delegations");
  await page.getByRole("cell", { name: "search.example.com/v1", exact: true }).waitFor();
  const delegate = async (host, prefix) => {
    await keyboard.press("c");
    await operator.dialog.waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
    await keyboard.type("Search");
    await page.getByRole("option", { name: "Search search" }).waitFor();
    await keyboard.press("ArrowDown");
    await keyboard.press("Enter");
    await tabTo(page, "Host");
    await keyboard.type(host);
    await tabTo(page, "Path prefix");
    await keyboard.press("ControlOrMeta+A");
    await keyboard.type(prefix);
    await keyboard.press("Enter");
  };
  await delegate("api.example.com", "/v1/invoices");
  await page.getByText("Routes of other projects would lose requests:").waitFor();
  await keyboard.press("Escape");
  await operator.dialog.waitFor({ state: "detached" });
  await delegate("new.example.com", "/found");
  await page.getByText("The requests are delegated.").waitFor();
  await operator.dialog.waitFor({ state: "detached" });

  await tabTo(page, "More for new.example.com /found");
  await keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await keyboard.press("Enter");
  await operator.dialog.waitFor();
  await tabTo(page, "Delete");
  await keyboard.press("Enter");
  await page.getByText("The delegation is deleted; 0 routes lost requests by it.").waitFor();
  await operator.leave();
});
