// RFC 7009 on the real runtime: a holder revokes its token, and nobody learns anything from the answer.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newSecret, startWorker } from "../support/harness.mjs";
import { granted, Installation } from "../support/installation.mjs";
import { assertCommonHeaders, assertOAuthError } from "../support/shape.mjs";
import { until } from "../support/waiting.mjs";
import { believed, OFFICE } from "../support/withdrawals.mjs";

const BOUND = 1_000;
const worker = await startWorker({
  watched: true,
  isolates: ["home", "edge", "other"],
  vars: { MAX_STALENESS_SECONDS: `${BOUND / 1000}` },
});
const installation = await Installation.found(worker);
const { edge, other } = worker.isolates;
const { api } = edge;

const isRevoked = async (id) => (await installation.view(id)).isAccessTokenRevoked;
const forged = (token) => token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");

function assertDone(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text, "");
  assertCommonHeaders(answer);
}

test("a holder revokes its token, once and again; here it is dead at once, elsewhere within the bound", async () => {
  const { token, id } = await believed(worker, installation, [edge, other]);
  assertDone(await api.revokeByOAuth(token));
  assert.equal((await api.validate(token, OFFICE)).status, 401);
  assert.equal(await isRevoked(id), true);
  await until(Date.now() + BOUND + 1);
  assert.equal((await other.api.validate(token, OFFICE)).status, 401);
  assertDone(await api.revokeByOAuth(token));
});

test("a public client, a hint that is wrong and parameters that nobody knows do not matter", async () => {
  const { token, id } = await installation.issue();
  assertDone(await api.revokeByOAuth(token, {}, { client_id: "app", token_type_hint: "refresh_token", x: "y" }));
  assert.equal(await isRevoked(id), true);
});

test("a token that is no token of ours is answered in the same way, and costs nothing", async () => {
  const { token, id } = await installation.issue();
  await edge.resetCounts();
  for (const junk of ["x", forged(token), "é".repeat(80), "tka_".padEnd(80, "0")]) {
    assertDone(await api.revokeByOAuth(junk));
  }
  assert.deepEqual(await edge.counts(), {});
  assert.equal(await isRevoked(id), false);
});

test("a client that authenticates must do so rightly, and revokes the tokens of its own identity only", async () => {
  const [client, stranger] = [await installation.client({ role: "no-access" }), await installation.client()];
  const { accessToken } = granted(await worker.api.logIn(client.clientId, client.clientSecret));
  const alive = async () => assert.equal((await api.validate(accessToken)).status, 200);

  assertOAuthError(await api.revokeByOAuth(accessToken, { basic: stranger }), 400, "invalid_grant");
  await alive();
  const guess = { clientId: client.clientId, clientSecret: newSecret() };
  assertOAuthError(await api.revokeByOAuth(accessToken, { basic: guess }), 401, "invalid_client", /^Basic /);
  await alive();
  assertOAuthError(await api.revokeByOAuth(accessToken, { bearer: accessToken }), 401, "invalid_client", /^Basic /);
  await alive();
  const inBody = { client_id: client.clientId, client_secret: client.clientSecret };
  assertOAuthError(await api.revokeByOAuth(accessToken, { basic: client }, inBody), 400, "invalid_request");
  await alive();
  assertDone(await api.revokeByOAuth(accessToken, {}, inBody));
  assert.equal((await api.validate(accessToken)).status, 401);
  assertDone(await api.revokeByOAuth("junk", { basic: client }));
});

test("a request that is not understood is refused by name and revokes nothing", async () => {
  const { token, id } = await installation.issue();
  const form = "application/x-www-form-urlencoded";
  const send = (method, type, body) => api.call(method, "/oauth2/revoke", { body, headers: { "content-type": type } });
  assertOAuthError(await send("POST", form, "x=y"), 400, "invalid_request");
  assertOAuthError(await send("POST", form, `token=${token}&token=${token}`), 400, "invalid_request");
  assertOAuthError(await send("POST", "text/plain", `token=${token}`), 415, "invalid_request");
  assertOAuthError(await send("POST", form, `token=${token}&x=${"y".repeat(66_000)}`), 413, "invalid_request");
  assertOAuthError(await send("DELETE", form, `token=${token}`), 405, "invalid_request");
  assert.equal(await isRevoked(id), false);
});

test("what could not be made durable is not called done, and is carried out once the authority answers", async () => {
  const { token, id } = await installation.issue();
  try {
    await worker.control.fail({ "worker.DIRECTORY.oauth": { fault: "fail" } });
    const answer = await api.revokeByOAuth(token);
    assertOAuthError(answer, 503, "temporarily_unavailable");
    assert.equal(answer.headers.get("retry-after"), "1");
    assert.equal(await isRevoked(id), false);
    // A lost answer is asked for again: revoking twice is revoking once.
    await worker.control.fail({ "worker.DIRECTORY.oauth": { fault: "lost reply", times: 1 } });
    assertDone(await api.revokeByOAuth(token));
  } finally {
    await worker.control.fail({});
  }
  assert.equal(await isRevoked(id), true);
});
