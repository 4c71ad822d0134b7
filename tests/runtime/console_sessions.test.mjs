// Sessions of operators in the console, and what is tried against them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { Browser, COOKIE } from "../support/console.mjs";
import { files } from "../support/files.mjs";
import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { eventually } from "../support/waiting.mjs";

const SESSIONS = "/api/v1/console/sessions";
const worker = await startWorker({ watched: true, vars: { CONSOLE_SIGN_IN_CODES: "true" } });
const { api } = worker;
const installation = await Installation.found(worker);
const { administrator, organizationId } = installation;
const home = api.url.origin;
const port = api.url.port;

// An operator of their own, so that signing out everywhere meets nobody else.
async function operator(configuration = {}, role = "admin") {
  const issued = await installation.issue(configuration, { name: "operator", role });
  return { ...issued, browser: new Browser(api) };
}

async function signedIn(configuration, role) {
  const one = await operator(configuration, role);
  const answer = await one.browser.signIn(one.token);
  assert.equal(answer.status, 200, answer.text);
  return one;
}

// Nobody is there: the cookie counted as absent.
function assertNobody(answer, what) {
  assert.deepEqual([answer.status, answer.body.message], [401, "Token missing"], what);
}

function assertEnded(answer, what) {
  assert.deepEqual([answer.status, answer.body.error], [401, "SessionEnded"], what);
}

test("an operator signs in by a token, works, and signs out", async () => {
  const { browser, token, identity } = await operator();
  const options = await browser.call("GET", "/api/v1/console/sign-in-options");
  const expected = { accessToken: true, cloudflareAccess: false, secure: false, refusal: null };
  assert.deepEqual([options.status, options.body], [200, expected]);

  const answer = await browser.signIn(token);
  assert.equal(answer.status, 200, answer.text);
  const { session } = answer.body;
  assert.deepEqual([session.identityId, session.via, session.clientAddress], [identity, "accessToken", "127.0.0.1"]);
  const [cookie] = answer.headers.getSetCookie();
  assert.match(cookie, /^token-auth-console=tcs_[0-9A-Za-z]{76}; Path=\/; HttpOnly; SameSite=Strict$/);
  // The secret is in the cookie only, and the token nowhere.
  assert.ok(!answer.text.includes(browser.cookie) && !answer.text.includes(token));

  assert.deepEqual((await browser.session()).body, { session });
  assert.equal((await browser.identities(organizationId)).status, 200);
  const made = await browser.call("POST", "/api/v1/identities", { json: { name: "made", organizationId } });
  assert.equal(made.status, 200, made.text);

  const out = await browser.call("DELETE", "/api/v1/console/session");
  assert.deepEqual([out.status, browser.cookie], [200, undefined]);
  assertNobody(await browser.session(), "signed out");
});

test("a stolen cookie is worth nothing after signing out, here or everywhere", async () => {
  const { browser, token } = await signedIn();
  const [thief, elsewhere] = [new Browser(api), new Browser(api)];
  thief.cookie = browser.cookie;
  await elsewhere.signIn(token);
  assert.equal((await thief.session()).status, 200, "before");
  await browser.call("DELETE", "/api/v1/console/session");
  for (const path of ["/api/v1/console/session", `/api/v1/identities?orgId=${organizationId}`]) {
    assertEnded(await thief.call("GET", path), path);
  }
  thief.cookie = elsewhere.cookie;
  const again = new Browser(api);
  await again.signIn(token);
  await again.call("DELETE", SESSIONS);
  assertEnded(await thief.session(), "everywhere");
  assertEnded(await elsewhere.session(), "everywhere");
});

test("an old cookie, another installation's, a torn one and two of them are nobody's", async () => {
  const { browser } = await signedIn();
  const good = browser.cookie;
  const old = await signedIn();
  await old.browser.call("DELETE", SESSIONS, { headers: {} });
  for (const [cookie, what] of [
    [`${good.slice(0, -1)}${good.endsWith("A") ? "B" : "A"}`, "another tag"],
    [good.replace("tcs_", "tka_"), "another kind"],
    [good.slice(0, 40), "torn"],
    ["", "empty"],
  ]) {
    browser.cookie = cookie;
    const answer = await browser.session();
    assert.equal(answer.status, 401, `${what}: ${answer.text}`);
  }
  browser.cookie = undefined;
  const twice = `${COOKIE}=${good}; ${COOKIE}=${good}`;
  assertNobody(await browser.session({ headers: { cookie: twice } }), "two of them");
  // Over http the cookie of https is none: anybody could have set it.
  assertNobody(await browser.session({ headers: { cookie: `__Host-${COOKIE}=${good}` } }), "another name");
});

test("a request that another origin can make has no session, whatever it asks for", async () => {
  const { browser } = await signedIn();
  const json = { name: "forged", organizationId };
  for (const [headers, what] of [
    [{ "token-auth-console": undefined }, "the header is missing"],
    [{ "token-auth-console": "0" }, "the header says something else"],
    [{ "token-auth-console": "1, 1" }, "the header was sent twice"],
    [{ origin: "https://evil.example" }, "another origin"],
    [{ origin: "null" }, "a sandboxed frame"],
    [{ origin: `http://localhost:${port}` }, "another name of this machine"],
    [{ origin: `http://127.0.0.1:${Number(port) + 1}` }, "another port"],
    [{ origin: `https://127.0.0.1:${port}` }, "another scheme"],
    [{ "sec-fetch-site": "cross-site" }, "another site"],
    [{ "sec-fetch-site": "same-site" }, "another host of the site"],
    [{ "sec-fetch-site": "none" }, "typed in"],
    [{ host: `evil.example:${port}`, origin: `http://evil.example:${port}` }, "a name that leads to this machine"],
  ]) {
    assertNobody(await browser.session({ headers }), what);
    assertNobody(await browser.identities(organizationId, { headers }), what);
    assertNobody(await browser.call("POST", "/api/v1/identities", { json, headers }), what);
    assertNobody(await browser.call("DELETE", "/api/v1/console/session", { headers }), what);
  }
  const { body } = await browser.identities(organizationId);
  assert.ok(!body.identities.some(({ identity }) => identity.name === "forged"));
  assert.equal((await browser.session()).status, 200, "the session itself has taken no harm");
});

test("a form of another site can neither use a session nor sign anybody in", async () => {
  const { browser, token } = await operator();
  const forged = { "token-auth-console": undefined, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const signIn = await browser.signIn(token, { headers: forged });
  assert.deepEqual([signIn.status, signIn.headers.getSetCookie()], [403, []], signIn.text);
  const marked = await browser.signIn(token, { headers: { ...forged, "token-auth-console": "1" } });
  assert.deepEqual([marked.status, marked.headers.getSetCookie()], [403, []], marked.text);
  // Nor does a preflight let another origin set the header.
  const preflight = await browser.call("OPTIONS", SESSIONS, {
    headers: { origin: "https://evil.example", "access-control-request-headers": "token-auth-console" },
  });
  assert.equal(preflight.headers.get("access-control-allow-origin"), null);
  assert.equal(preflight.headers.get("access-control-allow-headers"), null);
});

test("nobody is signed in over http from another machine", async () => {
  const { browser, token } = await operator();
  const headers = { host: "auth.example", origin: "http://auth.example" };
  const options = await browser.call("GET", "/api/v1/console/sign-in-options", { headers });
  assert.deepEqual(options.body, { accessToken: false, cloudflareAccess: false, secure: false, refusal: "insecure" });
  const answer = await browser.signIn(token, { headers });
  assert.deepEqual([answer.status, answer.headers.getSetCookie()], [403, []], answer.text);
});

test("an Authorization header counts, and the session beside it does not", async () => {
  const { browser } = await signedIn();
  const { token } = await installation.issue({}, { name: "weak", role: "no-access" });
  const weak = await browser.identities(organizationId, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(weak.status, 403, weak.text);
  const junk = await browser.identities(organizationId, { headers: { authorization: "Bearer junk" } });
  assert.equal(junk.status, 401, junk.text);
  const session = await browser.session({ headers: { authorization: `Bearer ${administrator}` } });
  assertNobody(session, "a token is no session");
});

test("a session ends at once when the token, the method or the identity behind it goes, or the address is another", async () => {
  const revoked = await signedIn();
  assert.equal((await api.revokeToken(administrator, revoked.id)).status, 200);
  assertEnded(await revoked.browser.session(), "revoked");
  const removed = await signedIn();
  assert.equal((await api.deleteTokenAuth(administrator, removed.identity)).status, 200);
  assertEnded(await removed.browser.session(), "method removed");
  const deleted = await signedIn();
  assert.equal((await api.deleteIdentity(administrator, deleted.identity)).status, 200);
  assertEnded(await deleted.browser.session(), "identity deleted");
  const moved = await signedIn({ accessTokenTrustedIps: [{ ipAddress: "127.0.0.1" }] });
  const elsewhere = new Browser(api, "198.51.100.7");
  elsewhere.cookie = moved.browser.cookie;
  const answer = await elsewhere.session();
  assert.deepEqual([answer.status, answer.body.details], [403, { clientIp: "198.51.100.7" }], answer.text);
  assert.equal((await moved.browser.session()).status, 200);
});

test("signing in consumes one use of a limited token, and working in the console none", async () => {
  const { browser, token, id } = await operator({ accessTokenNumUsesLimit: 2 });
  assert.equal((await browser.signIn(token)).status, 200);
  for (let count = 0; count < 3; count += 1) assert.equal((await browser.identities(organizationId)).status, 200);
  await eventually("the counted use", async () => (await installation.view(id)).accessTokenNumUses === 1);
  const other = new Browser(api);
  assert.equal((await other.signIn(token)).status, 200);
  const third = await new Browser(api).signIn(token);
  const wrong = await new Browser(api).signIn(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`);
  // Used up reads as wrong does, and the sessions that there are go on.
  assert.deepEqual([third.status, third.body.message], [wrong.status, wrong.body.message]);
  assert.equal(third.status, 401);
  assert.equal((await other.session()).status, 200);
});

test("junk in the cookie or in the body costs no call to the Directory", async () => {
  const browser = new Browser(api);
  await worker.main.resetCounts();
  for (const cookie of ["junk", "tcs_" + "z".repeat(76), "tcs_" + "0".repeat(76), "x".repeat(5_000)]) {
    browser.cookie = cookie;
    assert.equal((await browser.session()).status, 401);
    assert.equal((await browser.identities(organizationId)).status, 401);
  }
  browser.cookie = undefined;
  for (const json of [
    { accessToken: "junk" },
    { accessToken: "tka_" + "0".repeat(76) },
    { signInCode: "tsc_" + "0".repeat(76) },
    { signInCode: "junk" },
  ]) {
    assert.equal((await browser.call("POST", SESSIONS, { json })).status, 401);
  }
  assert.deepEqual(await worker.main.lookUps(), {});
});

test("the data plane and the gateway do not know sessions", async () => {
  const { browser } = await signedIn();
  for (const path of ["/validate", "/some/path/of/an/origin", "/"]) {
    const answer = await browser.call("GET", path);
    assert.equal(answer.status, 401, path);
  }
  const introspection = await browser.call("POST", "/oauth2/introspect", { json: { token: administrator } });
  assert.ok([400, 401, 415].includes(introspection.status), introspection.text);
});

test("a sign-in code works once, and only for who knows the secret and on this machine", async () => {
  const issue = (options) => api.call("POST", "/api/v1/console/sign-in-codes", options);
  const { signInCode, expiresAt } = (await issue({ bearer: worker.authSecret })).body;
  const left = Date.parse(expiresAt) - Date.now();
  assert.ok(left > 50_000 && left <= 61_000, expiresAt);
  const browser = new Browser(api);
  const answer = await browser.call("POST", SESSIONS, { json: { signInCode } });
  assert.deepEqual([answer.status, answer.body.session.via], [200, "signInCode"], answer.text);
  const again = await new Browser(api).call("POST", SESSIONS, { json: { signInCode } });
  assert.equal(again.status, 401, again.text);
  assert.equal((await issue({ bearer: administrator })).status, 403);
  assert.equal((await issue({})).status, 401);
  const elsewhere = await browser.call("POST", "/api/v1/console/sign-in-codes", {
    headers: { host: "auth.example", authorization: `Bearer ${worker.authSecret}` },
  });
  assert.equal(elsewhere.status, 404, elsewhere.text);
});

test("an installation that is not for development has no sign-in codes", async (context) => {
  const other = await startWorker({}, context);
  await Installation.found(other);
  const answer = await other.api.call("POST", "/api/v1/console/sign-in-codes", { bearer: other.authSecret });
  assert.equal(answer.status, 404, answer.text);
});

test("whoever guesses is damped, and a good token signs in all the same", async (context) => {
  const damped = await startWorker({ limiters: { FAILURE_LIMITER: { limit: 5, period: 60 } } }, context);
  const own = await Installation.found(damped);
  const browser = new Browser(damped.api, "192.0.2.44");
  const wrong = `tka_${"0".repeat(76)}`;
  const statuses = [];
  for (let count = 0; count < 12; count += 1) statuses.push((await browser.signIn(wrong)).status);
  assert.equal(statuses[0], 401);
  assert.equal(statuses.at(-1), 429);
  assert.equal((await browser.signIn(own.administrator)).status, 200);
});

test("no secret of a session is in KV, in a file of the objects or in a log", async (context) => {
  const { browser } = await signedIn();
  const secret = browser.cookie;
  const store = await worker.store;
  const { keys } = await store.list();
  // What the other tests have left is still being written: a record or a journal of SQLite's may be gone by now.
  const gone = ({ code }) => (assert.equal(code, "ENOENT"), "");
  for (const { name } of keys) assert.ok(!((await store.get(name)) ?? "").includes(secret.slice(20)), name);
  for (const file of await files(worker.stateFolder)) {
    assert.ok(!(await readFile(file).catch(gone)).includes(secret.slice(20)), file);
  }
  assert.ok(!worker.logs.some((line) => line.includes(secret.slice(20))));
  context.diagnostic(`${keys.length} records`);
});
