// The authority or a counter cannot be reached: what cannot be known is 503, soon, and never a guess.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { assertManagementError, assertProblem } from "../support/shape.mjs";
import { until } from "../support/waiting.mjs";
import { believed } from "../support/withdrawals.mjs";

const BOUND = 4_000;
// Milliseconds; two deadlines of a call to an object, with room for a slow machine.
const SOON = 7_000;

const FAULTS = ["fail", "hang", "garbage", "overloaded", "reset"];

const worker = await startWorker({
  watched: true,
  isolates: ["home", "edge", "fresh", ...FAULTS],
  vars: { MAX_STALENESS_SECONDS: BOUND / 1000 },
});
const installation = await Installation.found(worker);
const { home, edge, fresh } = worker.isolates;

async function assertUnavailable(isolate, token) {
  const started = performance.now();
  const answer = await isolate.api.validate(token);
  const took = performance.now() - started;
  assertProblem(answer, 503, "temporarily_unavailable");
  assert.match(answer.headers.get("retry-after"), /^\d+$/);
  assert.ok(took < SOON, `${took} ms`);
}

// At the same time, each in an isolate of its own: they mostly wait for the bound to pass.
suite("with an authority that does not answer as it should", { concurrency: true }, () => {
  for (const fault of FAULTS) {
    test(`known tokens work within the bound and get 503 after it (${fault})`, async () => {
      const isolate = worker.isolates[fault];
      const { token } = await believed(worker, installation, []);
      const unseen = await believed(worker, installation, []);
      assert.equal((await isolate.api.validate(token)).status, 200);
      const known = Date.now();

      await isolate.fail({ "worker.DIRECTORY.*": { fault } });
      const within = await isolate.api.validate(token);
      // Unless the machine was so slow that the bound has passed already.
      if (Date.now() < known + BOUND) assert.equal(within.status, 200, within.text);
      await until(known + BOUND + 1);
      await assertUnavailable(isolate, token);
      await assertUnavailable(isolate, unseen.token);

      await isolate.fail({});
      assert.equal((await isolate.api.validate(token)).status, 200);
      assert.equal((await isolate.api.validate(unseen.token)).status, 200);
    });
  }
});

test("an isolate that has never reached the authority says neither yes nor no", async () => {
  const { token } = await believed(worker, installation, []);
  const revoked = await believed(worker, installation, []);
  await installation.revoke(revoked.id);
  await fresh.fail({ "worker.DIRECTORY.*": { fault: "fail" } });
  for (const subject of [token, revoked.token]) await assertUnavailable(fresh, subject);
  await fresh.fail({});
  assert.equal((await fresh.api.validate(token)).status, 200);
});

test("a token that KV does not know is not refused while the authority cannot be asked about it", async () => {
  const { token } = await installation.issue();
  await edge.fail({ "worker.TOKENS.get": { fault: "miss" }, "worker.DIRECTORY.resolve": { fault: "fail" } });
  await assertUnavailable(edge, token);
  await edge.fail({});
  assert.equal((await edge.api.validate(token)).status, 200);
});

test("a token that KV calls expired is not refused while the authority cannot be asked about a renewal", async () => {
  const lifetime = { accessTokenTTL: 6, accessTokenMaxTTL: 3600 };
  const { token, id } = await believed(worker, installation, [edge], lifetime);
  // KV stands still, and from now on nobody tells this isolate more than that something has changed.
  await edge.fail({ "worker.TOKENS.get": { fault: "snapshot" }, "worker.DIRECTORY.resolve": { fault: "fail" } });
  const created = Date.parse((await installation.view(id)).createdAt);
  await until(created + 3_000);
  granted(await installation.api.renew(token));
  await until(created + 6_001);
  await assertUnavailable(edge, token);
  await edge.fail({});
  assert.equal((await edge.api.validate(token)).status, 200);
});

test("the management API and the status say that the authority does not answer", async () => {
  const identity = await installation.identity();
  await home.fail({ "worker.DIRECTORY.*": { fault: "fail" } });
  const { api, administrator } = installation;
  const message = "The service cannot answer now. Try again.";
  for (const answer of [await api.deleteIdentity(administrator, identity), await api.renew(administrator)]) {
    assertManagementError(answer, 503, "ServiceUnavailable", message);
    assert.match(answer.headers.get("retry-after"), /^\d+$/);
  }
  const status = await api.call("GET", "/api/status");
  assert.equal(status.status, 503);
  assert.deepEqual(status.body.degraded, ["authority"]);
  await home.fail({});
  assert.equal((await api.call("GET", `/api/v1/identities/${identity}`, { bearer: administrator })).status, 200);
});

test("a command whose answer was lost is not sent twice", async () => {
  const identity = await installation.configured();
  await home.resetCounts();
  await home.fail({ "worker.DIRECTORY.manage": { fault: "lost reply" } });
  assert.equal((await installation.api.createToken(installation.administrator, identity)).status, 503);
  await home.fail({});
  assert.equal((await home.counts())["worker.DIRECTORY.manage"], 1);
  const { tokens } = granted(await installation.api.listTokens(installation.administrator, identity));
  assert.equal(tokens.length, 1);
});
