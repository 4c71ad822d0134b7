// Why a token would be refused, asked on the real runtime: the explanation agrees with what the data plane does,
// consumes nothing, and leaves no trace of a plaintext.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newSecret, startWorker } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { ProtectedProject } from "../support/protected_project.mjs";
import { findSecrets } from "../support/secrets.mjs";
import { assertManagementError } from "../support/shape.mjs";

const EXPLAIN = "/api/v1/explain";
const PROXY_SECRET = newSecret();
const HOME = "192.0.2.1";
const STRANGER = "198.51.100.7";

const worker = await startWorker({ watched: true, vars: { FORWARD_AUTH_SECRET: PROXY_SECRET } });
const installation = await Installation.found(worker);
const project = await ProtectedProject.create(installation);
const { api, main } = worker;

const ask = (json, { bearer = installation.administrator, from } = {}) =>
  api.call("POST", EXPLAIN, { bearer, json, from });

const explain = async (json, options) => granted(await ask(json, options)).explanation;

const outcome = (explanation, check) => explanation.checks.find((known) => known.check === check);

// A request through a reverse proxy, described and sent.
const described = (method, path) => ({ host: "api.example.com", method, path, via: "forward-auth" });

const send = (token, { method, path, host }) =>
  api.call("GET", "/authz/nginx", {
    bearer: token,
    headers: {
      "token-auth-proxy-secret": PROXY_SECRET,
      "x-original-method": method,
      "x-original-uri": path,
      "x-original-host": host,
      "x-real-ip": HOME,
      "token-auth-upgrade": "none",
    },
  });

// The code that the data plane has logged for the request just sent.
const loggedCode = (answer) => {
  const line = worker.logs.findLast((text) => text.includes(answer.headers.get("x-request-id")));
  return JSON.parse(line.slice(line.indexOf("{"))).code;
};

test("an untrusted address, and which address was taken", async () => {
  const { token, id } = await installation.issue(only(HOME));
  const refused = await explain({ tokenId: id, clientIp: STRANGER });
  assert.deepEqual([refused.verdict, refused.refusal.code], ["refused", "client_ip_not_trusted"]);
  assert.deepEqual(outcome(refused, "client_address").inputs, { address: STRANGER, trustedIps: [HOME], matched: null });
  assert.equal(loggedCode(await api.validate(token, STRANGER)), refused.refusal.code);

  const own = await explain({ tokenId: id }, { from: HOME });
  assert.deepEqual([own.verdict, own.clientIp.source, own.clientIp.address], ["allowed", "caller", HOME]);
  granted(await api.validate(token, HOME));
});

test("a revoked token, a forged one and one that never was", async () => {
  const { token, id } = await installation.issue();
  assert.equal((await explain({ accessToken: token })).verdict, "allowed");
  await installation.revoke(id);
  for (const json of [{ tokenId: id }, { accessToken: token }]) {
    const { refusal } = await explain(json);
    assert.deepEqual([refusal.check, refusal.code], ["not_revoked", "revoked"]);
  }
  const codes = [];
  for (const accessToken of [`${token.slice(0, 79)}${token.endsWith("a") ? "b" : "a"}`, token.slice(0, 79)]) {
    codes.push((await explain({ accessToken })).refusal.code);
  }
  codes.push((await explain({ tokenId: "00000000-0000-4000-8000-000000000000" })).refusal.code);
  assert.deepEqual(codes, ["forged", "malformed", "unknown"]);
});

test("a counted token is explained by its counter and consumes no use", async () => {
  const { token, id } = await installation.issue({ accessTokenNumUsesLimit: 2 });
  const uses = async () => outcome(await explain({ tokenId: id }), "uses");
  for (let number = 0; number < 3; number += 1) {
    assert.deepEqual(await uses(), { check: "uses", outcome: "passed", inputs: { limit: 2, used: 0, remaining: 2 } });
    await explain({ accessToken: token });
  }
  assert.equal(granted(await api.validate(token)).usesRemaining, 1);
  assert.equal(granted(await api.validate(token)).usesRemaining, 0);
  assert.deepEqual((await uses()).outcome, "failed");
  const refused = await api.validate(token);
  assert.equal(loggedCode(refused), (await explain({ tokenId: id })).refusal.code);

  // Without the counter nothing is said.
  await main.fail({ "worker.USE_COUNTER.*": { fault: "fail" } });
  const unavailable = await ask({ tokenId: id });
  await main.fail({});
  const message = "The service cannot answer now. Try again.";
  assertManagementError(unavailable, 503, "ServiceUnavailable", message);
});

test("a request is explained as it is decided", async () => {
  const { identity, token, id } = await installation.issue();
  const about = (request) => explain({ tokenId: id, clientIp: HOME, request });
  const agrees = async (request, expected) => {
    const answer = await send(token, request);
    const { verdict, refusal } = await about(request);
    assert.deepEqual([verdict, refusal?.code], expected === undefined ? ["allowed", undefined] : ["refused", expected]);
    if (expected === undefined) granted(answer);
    else assert.equal(loggedCode(answer), expected);
  };
  await agrees(described("GET", "/items"), "not_a_member");
  const rules = [{ subject: "requests", action: ["read"], conditions: { path: { $glob: "/items/**" } } }];
  await project.admit(identity, await project.role("item-reader", rules));
  await agrees(described("GET", "/items/7"));
  await agrees(described("POST", "/items/7"), "permission_missing");
  await agrees(described("GET", "/orders"), "permission_missing");
  await agrees({ ...described("GET", "/items/7"), host: "other.example.com" }, "host_unknown");
  await agrees(described("GET", "/items//7"), "ambiguous_path");

  const { inputs } = outcome(await about(described("GET", "/items/7")), "permission");
  assert.deepEqual([inputs.projectSlug, inputs.path, inputs.roles[0].role], ["shop-eu", "/items/7", "item-reader"]);
  // The route has no origin, so the gateway does not know it. What is ours takes no route at all.
  const gateway = await about({ host: "api.example.com", method: "GET", path: "/items/7" });
  assert.equal(gateway.refusal.code, "host_unknown");
  const own = await ask({ tokenId: id, request: { host: "api.example.com", method: "GET", path: "/validate" } });
  assert.equal(own.status, 422);
  assert.deepEqual(own.body.message[0].path, ["request", "path"]);
});

test("only who may read the identity is told, and a counted caller pays as for every call", async () => {
  const { id } = await installation.issue();
  const nobody = await installation.issue();
  assert.equal((await ask({ tokenId: id }, { bearer: nobody.token })).status, 403);
  const reader = await installation.issue({ accessTokenNumUsesLimit: 3 }, { role: "member" });
  await explain({ tokenId: id }, { bearer: reader.token });
  assert.equal(granted(await api.validate(reader.token)).usesRemaining, 1);
});

test("no plaintext is left anywhere, however wrong the body", async () => {
  const { token, id } = await installation.issue();
  await explain({ accessToken: token });
  for (const json of [{ accessToken: token, tokenId: id }, { tokenId: token }, { accessToken: [token] }]) {
    const { status, text } = await ask(json);
    assert.equal(status, 422);
    assert.ok(!text.includes(token));
  }
  assert.equal((await ask({ tokenId: id, clientIp: token })).status, 422);
  await worker.restart();
  assert.deepEqual(await findSecrets(worker, [token]), []);
});
