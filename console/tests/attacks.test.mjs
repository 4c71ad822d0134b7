// What pages of other origins try in the browser of somebody who is signed in: to frame the console, and to act through
// it. What can be tried without a browser is in tests/runtime/console_sessions.test.mjs.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";

import { launch, Operator } from "./support/browser.mjs";
import { World } from "./support/world.mjs";

const HOST = "auth.example";
const browser = await launch({ [HOST]: "127.0.0.1", "evil.example": "127.0.0.1" });
// Over https, as where it is deployed: only there is the cookie the one that no other host can set.
const world = await World.start({ https: true, vars: { CONTROL_HOSTS: `${HOST},127.0.0.1` } });
world.host = HOST;

// A site of somebody else's, which serves whatever page a test wants.
let html = "";
const site = createServer((_request, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
after(() => site.close());
const evil = `http://evil.example:${site.address().port}/`;

const arrive = (options = {}) => Operator.arrive(browser, world, { ...options, settings: { ignoreHTTPSErrors: true } });
// The page's own rules do not hold for the attacker's.
async function visit(operator, page) {
  html = page;
  const tab = await operator.context.newPage();
  await tab.goto(evil);
  return tab;
}

test("over https an operator signs in with a cookie that belongs to this host alone", async () => {
  const operator = await arrive({ session: false });
  const { page } = operator;
  await operator.open("/identities");
  await page.getByLabel("Access token").fill(world.administrator);
  assert.equal(await page.getByText("reached over http").count(), 0);
  await operator.button("Sign in").click();
  await page.getByRole("heading", { name: "Machine identities" }).waitFor();
  const [cookie, ...others] = await operator.context.cookies();
  const { name, domain, path, httpOnly, secure, sameSite, expires } = cookie;
  assert.deepEqual(others, []);
  assert.deepEqual({ name, domain, path, httpOnly, secure, sameSite, expires }, { name: "__Host-token-auth-console", domain: HOST, path: "/", httpOnly: true, secure: true, sameSite: "Strict", expires: -1 });
  await operator.context.clearCookies();
  // The name that is used over http counts for nothing here.
  await operator.context.addCookies([{ name: "token-auth-console", value: cookie.value, url: world.url }]);
  await page.reload();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await operator.leave();
});

test("a page of another origin that frames the console shows nothing of it, signed in or not", async () => {
  const operator = await arrive();
  await operator.open("/identities");
  const headers = {};
  operator.context.on("response", (response) => {
    if (response.url() === `${world.url}/console/identities`) Object.assign(headers, response.headers());
  });
  const refusals = [];
  const tab = await operator.context.newPage();
  tab.on("console", (message) => refusals.push(message.text()));
  html = `<!doctype html><title>Evil</title><h1>Win a prize</h1><iframe src="${world.url}/console/identities" width="800" height="600"></iframe>`;
  await tab.goto(evil);
  await tab.waitForFunction(() => performance.now() > 0 && document.readyState === "complete");
  // Each of the two suffices; browsers that know the first leave the second aside.
  assert.match(headers["content-security-policy"], /frame-ancestors 'none'/);
  assert.equal(headers["x-frame-options"], "DENY");
  const frame = tab.frames().find((one) => one !== tab.mainFrame());
  assert.ok(frame !== undefined && !frame.url().startsWith(world.url), frame?.url());
  assert.ok(!(await frame.content()).includes("Token Auth"));
  assert.ok(refusals.some((text) => text.includes("frame-ancestors")), refusals.join("\n"));
  await operator.leave();
});

test("what a page of another origin sends with the browser's cookies changes nothing and signs nobody in", async () => {
  const operator = await arrive();
  await operator.open("/identities");
  const identities = async () => (await world.ask("POST", "/api/v1/identities/search", {})).totalCount;
  const before = await identities();
  const body = JSON.stringify({ name: "forged", organizationId: world.installation.organizationId });

  // A script's request: the browser asks first, and is not let.
  const script = await visit(operator, "<!doctype html><title>Evil</title>");
  const ways = [
    { method: "POST", credentials: "include", headers: { "content-type": "application/json", "Token-Auth-Console": "1" }, body },
    { method: "POST", credentials: "include", headers: { "content-type": "text/plain" }, body },
    { method: "POST", credentials: "include", mode: "no-cors", headers: { "content-type": "text/plain" }, body },
    { method: "DELETE", credentials: "include" },
  ];
  for (const way of ways) {
    const target = `${world.url}/api/v1/${way.method === "DELETE" ? "console/sessions" : "identities"}`;
    const answer = await script.evaluate(([url, options]) => fetch(url, options).then(({ type, status }) => `${type} ${status}`, () => "refused"), [target, way]);
    assert.ok(["refused", "opaque 0"].includes(answer), `${JSON.stringify(way)}: ${answer}`);
  }
  // A form's.
  const form = (target, name, value) => `<!doctype html><form method="post" enctype="text/plain" action="${target}"><input name='${name}' value='${value}'></form><script>document.forms[0].submit()</script>`;
  const forged = await visit(operator, form(`${world.url}/api/v1/identities`, body.slice(0, -1) + ',"x":"', '"}'));
  await forged.waitForURL(`${world.url}/**`);
  assert.match(await forged.content(), /401|403|415|422/);
  await operator.context.clearCookies();
  const signIn = await visit(operator, form(`${world.url}/api/v1/console/sessions`, `{"accessToken":"${world.administrator}","x":"`, '"}'));
  await signIn.waitForURL(`${world.url}/**`);
  assert.deepEqual(await operator.context.cookies(), []);
  assert.equal(await identities(), before);
  await operator.leave();
});

test("a cookie that was stolen is worth nothing once its owner has signed out in the page", async () => {
  const owner = await arrive();
  await owner.open("/identities");
  const [stolen] = await owner.context.cookies();
  const thief = await arrive({ session: false });
  await thief.context.addCookies([stolen]);
  await thief.open("/identities");
  await thief.page.getByRole("heading", { name: "Machine identities" }).waitFor();
  await owner.page.getByRole("button", { name: /^Account/ }).click();
  await owner.page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
  await owner.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await thief.page.reload();
  await thief.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await owner.leave();
  await thief.leave();
});
