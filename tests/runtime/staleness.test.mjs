// Bounded staleness: a change that has been acknowledged is in force everywhere within MAX_STALENESS_SECONDS, whatever
// KV shows. `home` is where the operator's requests go; for the other isolates KV stands still before each change.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { eventually, until } from "../support/waiting.mjs";
import { OFFICE, WITHDRAWALS, believed, inReplica } from "../support/withdrawals.mjs";

const BOUND = 2_000;

const worker = await startWorker({
  watched: true,
  isolates: ["home", "edge", "idle", "fresh"],
  vars: { MAX_STALENESS_SECONDS: BOUND / 1000 },
});
const installation = await Installation.found(worker);
const { edge, idle, fresh } = worker.isolates;
const { api, administrator } = installation;

for (const [change, { make, expected }] of Object.entries(WITHDRAWALS)) {
  test(`when ${change}, no validation that starts later than the bound succeeds anywhere`, async (context) => {
    const subject = await believed(worker, installation, [edge, idle]);
    // This one has never seen the token, and KV tells it what was true before the change.
    await fresh.freezeReplica();
    const samples = sample(edge.api, subject.token);
    await eventually("a validation before the change", () => samples.taken.length > 0);
    await make(installation, subject);
    const acknowledged = Date.now();
    await until(acknowledged + BOUND + 1);
    for (const { api } of [idle, fresh]) assert.equal((await api.validate(subject.token, OFFICE)).status, expected);

    const late = () => samples.taken.filter(({ started }) => started > acknowledged + BOUND);
    await eventually("10 validations after the bound", () => late().length >= 10);
    await samples.stop();
    assert.deepEqual([...new Set(late().map(({ status }) => status))], [expected]);
    const last = samples.taken.findLast(({ status }) => status === 200);
    context.diagnostic(`last accepted ${last.started - acknowledged} ms after the acknowledgement`);
  });
}

test("when the role changes, answers name the new one within the bound", async () => {
  const { identity, token } = await believed(worker, installation, [edge]);
  const path = `/api/v1/identities/${identity}`;
  granted(await api.call("PATCH", path, { bearer: administrator, json: { role: "member" } }));
  await until(Date.now() + BOUND + 1);
  assert.equal((await edge.api.validate(token)).body.role, "member");
});

test("when a token is renewed or renamed, answers show it within the bound", async () => {
  const lifetime = { accessTokenTTL: 10, accessTokenMaxTTL: 3600 };
  const { token, id } = await believed(worker, installation, [edge], lifetime);
  // A renewal that gains less than a second changes nothing.
  await until(Date.parse((await installation.view(id)).createdAt) + 1_100);
  const before = (await edge.api.validate(token)).body;
  granted(await api.renew(token));
  const path = `/api/v1/auth/token-auth/tokens/${id}`;
  granted(await api.call("PATCH", path, { bearer: administrator, json: { name: "renamed" } }));
  await until(Date.now() + BOUND + 1);
  const after = (await edge.api.validate(token)).body;
  assert.equal(after.tokenName, "renamed");
  assert.ok(after.expiresAt > before.expiresAt, `${before.expiresAt} ${after.expiresAt}`);
});

test("attaching Token Auth again does not revive the tokens of before", async () => {
  const old = await believed(worker, installation, [edge]);
  granted(await api.deleteTokenAuth(administrator, old.identity));
  granted(await api.attachTokenAuth(administrator, old.identity, {}));
  // The new one works at once, although this isolate knows the identity only as it was.
  const young = await installation.token(old.identity);
  assert.equal((await edge.api.validate(young.token)).status, 200);
  await until(Date.now() + BOUND + 1);
  for (const { api } of Object.values(worker.isolates)) {
    assert.equal((await api.validate(old.token)).status, 401);
    assert.equal((await api.validate(young.token)).status, 200);
  }
});

test("a new token works at once, although KV goes on saying that there is none", async () => {
  await edge.freezeReplica();
  for (let number = 0; number < 5; number += 1) {
    const { token } = await installation.issue();
    assert.equal((await edge.api.validate(token)).status, 200);
  }
});

test("a renewed token works beyond its old end, although KV goes on naming the old one", async () => {
  const lifetime = { accessTokenTTL: 6, accessTokenMaxTTL: 3600 };
  const { token, id } = await believed(worker, installation, [edge], lifetime);
  const created = Date.parse((await installation.view(id)).createdAt);
  await until(created + 3_000);
  granted(await api.renew(token));
  await until(created + 6_001);
  for (const isolate of [edge, fresh]) assert.equal((await isolate.api.validate(token)).status, 200);
});

test("while a token changes in a stream through several isolates, every validation of it succeeds", async (context) => {
  const lifetime = { accessTokenTTL: 60, accessTokenMaxTTL: 3600 };
  const { token, id } = await believed(worker, installation, [edge, idle], lifetime);
  const path = `/api/v1/auth/token-auth/tokens/${id}`;
  const isolates = [worker.isolates.home, edge, idle];
  const [changes, validations] = [[], []];
  const end = Date.now() + 3_000;
  // One after another until the time is over; notes every status.
  const repeat = async (statuses, call) => {
    while (Date.now() < end) statuses.push((await call()).status);
  };
  await Promise.all(
    isolates.flatMap(({ api }) => [
      repeat(changes, () => api.renew(token)),
      repeat(changes, () => api.call("PATCH", path, { bearer: administrator, json: { name: `${changes.length}` } })),
      ...[1, 2, 3].map(() => repeat(validations, () => api.validate(token, OFFICE))),
    ]),
  );
  context.diagnostic(`${changes.length} changes, ${validations.length} validations`);
  assert.deepEqual([...new Set(validations)], [200]);
  assert.deepEqual([...new Set(changes)], [200]);
});

test("an isolate that outlives its authority keeps the bound with the next one", async () => {
  // So many changes that the next authority's numbers stay below those that the isolate has seen.
  for (let number = 0; number < 10; number += 1) await installation.revoke((await installation.issue()).id);
  const before = await believed(worker, installation, [edge]);

  const replaced = { "worker.DIRECTORY.*": { fault: "replaced", by: "next" } };
  await worker.main.fail(replaced);
  const successor = await Installation.found(worker);
  const after = await successor.issue();
  await inReplica(worker, `token/${after.id}`);
  await edge.freezeReplica(replaced);
  await successor.revoke(after.id);
  await until(Date.now() + BOUND + 1);
  assert.equal((await edge.api.validate(before.token)).status, 401);
  assert.equal((await edge.api.validate(after.token)).status, 401);
});

// Validates again and again until stopped; notes when each validation started and how it ended.
function sample(api, token) {
  const taken = [];
  let running = true;
  const finished = (async () => {
    while (running) {
      const started = Date.now();
      taken.push({ started, status: (await api.validate(token, OFFICE)).status });
      await sleep(20);
    }
  })();
  const stop = () => {
    running = false;
    return finished;
  };
  return { taken, stop };
}
