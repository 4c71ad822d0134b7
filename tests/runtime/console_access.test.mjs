// Signing in by Cloudflare Access, against keys that a server on this machine publishes as Access would.

import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { Browser } from "../support/console.mjs";
import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";

const ACCESS = "/api/v1/console/sessions/access";
const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const [first, second, strangers] = [pair(), pair(), pair()];
const jwk = ({ publicKey }, kid) => ({ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" });

// What the team publishes at the moment; how often it was asked for; whether the server answers.
let keys = [jwk(first, "first")];
let asked = 0;
let available = true;
const team = createServer((request, response) => {
  if (request.url !== "/cdn-cgi/access/certs") return response.writeHead(404).end();
  asked += 1;
  if (!available) return response.writeHead(503).end();
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys, public_certs: [] }));
});
await new Promise((resolve) => team.listen(0, "127.0.0.1", resolve));
after(() => team.close());
const issuer = `http://127.0.0.1:${team.address().port}`;

const worker = await startWorker({ vars: { ACCESS_TEAM_DOMAIN: issuer, ACCESS_AUDIENCE: AUDIENCE } });
const installation = await Installation.found(worker);
const ada = await installation.identity({ name: "ada", role: "admin" });
const subjectPath = (identity) => `/api/v1/console/identities/${identity}/access-subject`;

before(async () => {
  const json = { accessSubject: "ada@example.com" };
  const set = await worker.api.call("PUT", subjectPath(ada), { bearer: installation.administrator, json });
  assert.equal(set.status, 200, set.text);
});

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);

function assertion({ key = first, header = {}, claims = {}, sign } = {}) {
  const head = { alg: "RS256", kid: "first", typ: "JWT", ...header };
  const body = {
    iss: issuer,
    aud: [AUDIENCE],
    email: "Ada@Example.com",
    sub: "7335d417-61da-459d-899c-0a01c76a2f94",
    type: "app",
    iat: now(),
    nbf: now(),
    exp: now() + 60,
    ...claims,
  };
  const signed = `${encode(head)}.${encode(body)}`;
  const signature = sign ? sign(signed) : createSign("RSA-SHA256").update(signed).sign(key.privateKey);
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

function signIn(text, browser = new Browser(worker.api), headers = {}) {
  const proof = text === undefined ? {} : { "cf-access-jwt-assertion": text };
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
  assert.equal(asked, 1);
});

test("an assertion that is not exactly the team's, for this application and now, signs nobody in", async () => {
  const publicPem = first.publicKey.export({ type: "spki", format: "pem" });
  const tampered = (() => {
    const [head, , signature] = assertion().split(".");
    return `${head}.${encode({ iss: issuer, aud: AUDIENCE, email: "ada@example.com", exp: now() + 60 })}.${signature}`;
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
      sign: (text) => createSign("RSA-SHA512").update(text).sign(first.privateKey),
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
  assert.equal(asked, 1, "none of it made anybody ask for the keys again");
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
  const fresh = await startWorker({ vars: { ACCESS_TEAM_DOMAIN: issuer, ACCESS_AUDIENCE: AUDIENCE } }, context);
  const own = await Installation.found(fresh);
  const identity = await own.identity({ name: "ada", role: "admin" });
  const json = { accessSubject: "ada@example.com" };
  await fresh.api.call("PUT", subjectPath(identity), { bearer: own.administrator, json });
  const [before, good] = [asked, assertion()];
  assert.equal((await signIn(good, new Browser(fresh.api))).status, 200);
  const unknown = (number) => signIn(assertion({ header: { kid: `unknown-${number}` } }), new Browser(fresh.api));
  const answers = await Promise.all(Array.from({ length: 40 }, (_, number) => unknown(number)));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [401]);
  assert.equal(asked - before, 1);
  assert.equal((await signIn(good, new Browser(fresh.api))).status, 200);
});

test("while the keys cannot be had nobody can tell, and afterwards a new key counts", async (context) => {
  available = false;
  keys = [jwk(first, "first"), jwk(second, "second")];
  const fresh = await startWorker({ vars: { ACCESS_TEAM_DOMAIN: issuer, ACCESS_AUDIENCE: AUDIENCE } }, context);
  const own = await Installation.found(fresh);
  const identity = await own.identity({ name: "ada", role: "admin" });
  const json = { accessSubject: "ada@example.com" };
  await fresh.api.call("PUT", subjectPath(identity), { bearer: own.administrator, json });
  const by = assertion({ key: second, header: { kid: "second" } });
  const down = await signIn(by, new Browser(fresh.api));
  assert.deepEqual([down.status, down.headers.get("retry-after")], [503, "1"], down.text);
  available = true;
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
