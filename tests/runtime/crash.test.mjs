// The runtime is killed in the middle of its work, again and again: no acknowledged use is lost, none is given out
// twice, and what was to be done later is done.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer, load } from "../support/load.mjs";
import { eventually } from "../support/waiting.mjs";
import { inReplica } from "../support/withdrawals.mjs";

const LIMIT = 2_000;
const CONNECTIONS = 32;
const CRASHES = 3;

test("uses survive the death of the runtime exactly", async (context) => {
  const worker = await startWorker({}, context);
  const installation = await Installation.found(worker);
  const { token, id } = await installation.issue({ accessTokenNumUsesLimit: LIMIT });

  // Each use leaves another number behind, so that a use given out twice shows.
  const acknowledged = [];
  const use = async (total, crashAfter) => {
    const before = acknowledged.length;
    let crash;
    const statuses = await load(worker.main.url, {
      total,
      connections: CONNECTIONS,
      headers: bearer(token),
      onAnswer({ status, text }) {
        if (status !== 200) return;
        acknowledged.push(JSON.parse(text).usesRemaining);
        if (acknowledged.length - before === crashAfter) crash = worker.crash();
      },
    });
    await crash;
    return statuses;
  };

  for (let round = 1; round <= CRASHES; round += 1) {
    const statuses = await use(400, 100);
    const consumed = acknowledged.length;
    context.diagnostic(`crash ${round}: ${JSON.stringify(statuses)}`);
    assert.ok(statuses.failed > 0, "the crash came while requests were in flight");
    assert.deepEqual(await use(1), { 200: 1 });
    const stored = LIMIT - acknowledged.at(-1) - 1;
    assert.ok(stored >= consumed, `${stored} stored, ${consumed} acknowledged`);
    // At most what was in flight was consumed without an answer.
    assert.ok(stored <= consumed + round * CONNECTIONS, `${stored} stored, ${consumed} acknowledged`);
  }

  const last = await use(LIMIT);
  const lost = LIMIT - acknowledged.length;
  context.diagnostic(`${LIMIT} uses: ${acknowledged.length} acknowledged, ${lost} consumed without an answer`);
  assert.deepEqual(Object.keys(last).sort(), ["200", "401"]);
  assert.equal(new Set(acknowledged).size, acknowledged.length, "no use was given out twice");
  assert.ok(lost >= 0 && lost <= CRASHES * CONNECTIONS, `${lost} lost`);

  // Killed once more: the count reaches the operator without another use, a minute after the report before.
  await worker.crash();
  const counted = async () => (await installation.view(id)).accessTokenNumUses === LIMIT;
  await eventually("the count", counted, { within: 90_000 });
  assert.equal((await worker.api.validate(token)).status, 401);
});

test("what was acknowledged before the runtime died holds after it, and reaches KV", async (context) => {
  const worker = await startWorker({ watched: true }, context);
  const installation = await Installation.found(worker);
  await worker.main.fail({ "directory.TOKENS.put": { fault: "fail" } });
  const kept = await installation.issue();
  const revoked = await installation.issue();
  await installation.revoke(revoked.id);

  await worker.crash();
  // By the alarm alone: nobody has asked the Directory anything yet.
  await inReplica(worker, `token/${kept.id}`);
  await inReplica(worker, `token/${revoked.id}`, /"revoked":true/);
  assert.equal((await worker.api.validate(kept.token)).status, 200);
  assert.equal((await worker.api.validate(revoked.token)).status, 401);
});
