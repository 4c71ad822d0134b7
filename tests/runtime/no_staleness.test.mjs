// With MAX_STALENESS_SECONDS = 0 a change is in force for the very next validation, whatever KV shows.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { ELSEWHERE, OFFICE, WITHDRAWALS, believed } from "../support/withdrawals.mjs";

const worker = await startWorker({ watched: true, isolates: ["home", "edge"], vars: { MAX_STALENESS_SECONDS: 0 } });
const installation = await Installation.found(worker);
const { edge } = worker.isolates;

for (const [change, { make, expected }] of Object.entries(WITHDRAWALS)) {
  test(`when ${change}, the very next validation is refused`, async () => {
    const subjects = await Promise.all([1, 2, 3].map(() => believed(worker, installation, [])));
    await edge.freezeReplica();
    for (const subject of subjects) {
      assert.equal((await edge.api.validate(subject.token, OFFICE)).status, 200);
      await make(installation, subject);
      assert.equal((await edge.api.validate(subject.token, OFFICE)).status, expected);
    }
  });
}

test("when the trusted addresses are widened, the very next validation succeeds", async () => {
  const { token, identity } = await believed(worker, installation, [edge], only(OFFICE));
  assert.equal((await edge.api.validate(token, ELSEWHERE)).status, 403);
  granted(await installation.api.updateTokenAuth(installation.administrator, identity, only(OFFICE, ELSEWHERE)));
  assert.equal((await edge.api.validate(token, ELSEWHERE)).status, 200);
});

test("every validation asks the authority", async () => {
  const { token } = await believed(worker, installation, [edge]);
  await edge.resetCounts();
  for (let number = 0; number < 10; number += 1) assert.equal((await edge.api.validate(token, OFFICE)).status, 200);
  assert.ok((await edge.counts())["worker.DIRECTORY.changes"] >= 10);
});
