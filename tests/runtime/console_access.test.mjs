// Signing in by Cloudflare Access, against keys that a server on this machine publishes as Access would.

import assert from "node:assert/strict";
import { createHmac, createSign } from "node:crypto";
import { before, test } from "node:test";

import { AccessTeam, ASSERTION_HEADER, jwk, newKey, now } from "../support/access_team.mjs";
import { Browser } from "../support/console.mjs";
import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";

const ACCESS = "/api/v1/console/sessions/access";

const team = await AccessTeam.start();
const [second, strangers] = [newKey(), newKey()];
const assertion = (about) => team.assertion(about);

const worker = await startWorker({ vars: team.vars });
const installation = await Installation.found(worker);
const ada = await installation.identity({ name: "ada", role: "admin" });
const subjectPath = (identity) => `/api/v1/console/identities/${identity}/access-subject`;

before(async () => {
  const json = { accessSubject: "ada@example.com" };
  const set = await worker.api.call("PUT", subjectPath(ada), { bearer: installation.administrator, json });
  assert.equal(set.status, 200, set.text);
});

function signIn(text, browser = new Browser(worker.api), headers = {}) {
  const proof = text === undefined ? {} : { [ASSERTION_HEADER]: text };
  return browser.call("POST", ACCESS, { headers: { ...proof, ...headers } });
}

test("whoever Access has let through is the identity with their address", async () => {
  const browser = new Browser(worker.api);
  const options = await browser.call("GET", "/api/v1/console/sign-in-options");
  assert.deepEqual(options.body, { accessToken: true, cloudflareAccess: true, secure: false, refusal: null });
  const answer = await signIn(assertion(), browser);
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual([answer.body.session.identityId, answer.body.session.via], [ada, "cloudflareAccess"]);
  assert.equal((await browser.identities(installation.organizationId)).status, 200);
  assert.equal(team.asked, 1);
});

test("an assertion that is not exactly the team's, for this application and now, signs nobody in", async () => {
  const publicPem = team.key.publicKey.export({ type: "spki", format: "pem" });
  const tampered = (() => {
    const [head, , signature] = assertion().split(".");
    const [, claims] = assertion({ claims: { email: "ada@example.com" } }).split(".");
    return `${head}.${claims}.${signature}`;
  })();
  const cases = {
    "no assertion": undefined,
    "no token": "nonsense",
    "alg none": assertion({ header: { alg: "none" }, sign: () => "" }),
    "alg none, still signed": assertion({ header: { alg: "none" } }),
    "HS256 with the public key as secret": assertion({
      header: { alg: "HS256" },
      sign: (text) => createHmac("sha256", publicPem).update(text).digest(),
    }),
    "RS256 in name, signed by HMAC": assertion({
      sign: (text) => createHmac("sha256", publicPem).update(text).digest(),
    }),
    "another algorithm of the family": assertion({
      header: { alg: "RS512" },
      sign: (text) => createSign("RSA-SHA512").update(text).sign(team.key.privateKey),
    }),
    "a stranger's key under a known name": assertion({ key: strangers }),
    "claims exchanged under a good signature": tampered,
    "no signature": `${assertion().split(".").slice(0, 2).join(".")}.`,
    "another audience": assertion({ claims: { aud: ["another"] } }),
    "no audience": assertion({ claims: { aud: undefined } }),
    "another issuer": assertion({ claims: { iss: "https://evil.example" } }),
    expired: assertion({ claims: { exp: now() - 1 } }),
    "no end": assertion({ claims: { exp: undefined } }),
    "not yet": assertion({ claims: { nbf: now() + 3_600 } }),
    "made in the future": assertion({ claims: { iat: now() + 3_600 } }),
    "no address": assertion({ claims: { email: undefined } }),
    "an address that no identity has": assertion({ claims: { email: "eve@example.com" } }),
    "its own key in the header": assertion({ key: strangers, header: { jwk: jwk(strangers, "first") } }),
    "a header that must be understood": assertion({ header: { crit: ["exp"] } }),
  };
  const texts = new Set();
  for (const [what, text] of Object.entries(cases)) {
    const answer = await signIn(text);
    assert.deepEqual([answer.status, answer.headers.getSetCookie()], [401, []], `${what}: ${answer.text}`);
    texts.add(answer.body.message);
  }
  // Whatever it was, the caller reads the same; the log has the reason.
  assert.equal(texts.size, 1, [...texts].join("\n"));
  for (const code of ["access_algorithm", "access_signature", "access_audience", "access_expired", "access_issuer"]) {
    assert.ok(worker.logs.some((line) => line.includes(code)), code);
  }
  assert.equal(team.asked, 1, "none of it made anybody ask for the keys again");
});

test("another site cannot sign anybody in by Access", async () => {
  for (const headers of [{ "token-auth-console": undefined }, { origin: "https://evil.example" }]) {
    const answer = await signIn(assertion(), new Browser(worker.api), headers);
    assert.deepEqual([answer.status, answer.headers.getSetCookie()], [403, []], answer.text);
  }
});

test("a session by Access ends when the identity is no longer theirs", async () => {
  const browser = new Browser(worker.api);
  await signIn(assertion(), browser);
  assert.equal((await browser.session()).status, 200);
  const { administrator } = installation;
  const removed = await worker.api.call("DELETE", subjectPath(ada), { bearer: administrator });
  assert.equal(removed.status, 200, removed.text);
  const ended = await browser.session();
  assert.deepEqual([ended.status, ended.body.error], [401, "SessionEnded"]);
  assert.equal((await signIn(assertion())).status, 401);
  const json = { accessSubject: "ada@example.com" };
  await worker.api.call("PUT", subjectPath(ada), { bearer: administrator, json });
});

test("a flood of unknown keys asks the team once a minute, and known ones go on counting", async (context) => {
  const fresh = await startWorker({ vars: team.vars }, context);
  const own = await Installation.found(fresh);
  const identity = await own.identity({ name: "ada", role: "admin" });
  const json = { accessSubject: "ada@example.com" };
  await fresh.api.call("PUT", subjectPath(identity), { bearer: own.administrator, json });
  const [before, good] = [team.asked, assertion()];
  assert.equal((await signIn(good, new Browser(fresh.api))).status, 200);
  const unknown = (number) => signIn(assertion({ header: { kid: `unknown-${number}` } }), new Browser(fresh.api));
  const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => unknown(number)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
  assert.equal(team.asked - before, 1);
  assert.equal((await signIn(good, new Browser(fresh.api))).status, 200);
});

test("while the keys cannot be had nobody can tell, and afterwards a new key counts", async (context) => {
  team.available = false;
  team.keys = [jwk(team.key, "first"), jwk(second, "second")];
  const fresh = await startWorker({ vars: team.vars }, context);
  const own = await Installation.found(fresh);
  const identity = await own.identity({ name: "ada", role: "admin" });
  const json = { accessSubject: "ada@example.com" };
  await fresh.api.call("PUT", subjectPath(identity), { bearer: own.administrator, json });
  const by = assertion({ key: second, header: { kid: "second" } });
  const down = await signIn(by, new Browser(fresh.api));
  assert.deepEqual([down.status, down.headers.get("retry-after")], [503, "1"], down.text);
  team.available = true;
  // It was asked for a moment ago, and is not at once again.
  assert.equal((await signIn(by, new Browser(fresh.api))).status, 503);
  await new Promise((resolve) => setTimeout(resolve, 5_100));
  assert.equal((await signIn(by, new Browser(fresh.api))).status, 200);
});

test("an installation without Access has no such way in", async (context) => {
  const without = await startWorker({}, context);
  await Installation.found(without);
  const answer = await signIn(assertion(), new Browser(without.api));
  assert.equal(answer.status, 404, answer.text);
});
