// A counter that fails, or whose answers get lost: no use is consumed twice, and none is given away.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer, load } from "../support/load.mjs";
import { assertProblem } from "../support/shape.mjs";

const CONSUME = "worker.USE_COUNTER.consume";
// Milliseconds; two deadlines of a call to an object, with room for a slow machine.
const SOON = 7_000;

const worker = await startWorker({ watched: true });
const installation = await Installation.found(worker);
const { main, api } = worker;

// Validates while the counter suffers from `rule`, and says how often it was asked.
async function validateWith(rule, token) {
  await main.resetCounts();
  await main.fail({ [CONSUME]: rule });
  const started = performance.now();
  const answer = await api.validate(token);
  assert.ok(performance.now() - started < SOON);
  await main.fail({});
  return { answer, asked: (await main.counts())[CONSUME] };
}

function assertUnavailable(answer) {
  assertProblem(answer, 503, "temporarily_unavailable");
  assert.match(answer.headers.get("retry-after"), /^\d+$/);
}

test("when the reply about a use is lost, the use is not consumed a second time", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 5 });
  for (let left = 4; left >= 0; left -= 1) {
    const { answer, asked } = await validateWith({ fault: "lost reply", times: 1 }, token);
    assert.deepEqual([answer.status, answer.body.usesRemaining, asked], [200, left, 2]);
  }
  assert.equal((await api.validate(token)).status, 401);
});

test("when replies are lost under load, exactly the limit is given out", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 100 });
  await main.fail({ [CONSUME]: { fault: "lost reply", sparesRepeats: true } });
  const statuses = await load(main.url, { total: 300, connections: 16, headers: bearer(token) });
  await main.fail({});
  assert.deepEqual(statuses, { 200: 100, 401: 200 });
});

test("when the replies to both tries are lost, the answer is 503 and at most that one use is gone", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 2 });
  const { answer, asked } = await validateWith({ fault: "lost reply" }, token);
  assertUnavailable(answer);
  assert.equal(asked, 2);
  assert.equal((await api.validate(token)).body.usesRemaining, 0);
  assert.equal((await api.validate(token)).status, 401);
});

for (const fault of ["fail", "reset"]) {
  test(`a counter that cannot be reached (${fault}) is asked once more, and nothing is consumed`, async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 2 });
    const forGood = await validateWith({ fault }, token);
    assertUnavailable(forGood.answer);
    assert.equal(forGood.asked, 2);
    const once = await validateWith({ fault, times: 1 }, token);
    assert.deepEqual([once.answer.status, once.answer.body.usesRemaining], [200, 1]);
  });
}

test("an overloaded counter is not asked again", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 });
  const { answer, asked } = await validateWith({ fault: "overloaded", times: 1 }, token);
  assertUnavailable(answer);
  assert.equal(asked, 1);
  assert.equal((await api.validate(token)).body.usesRemaining, 0);
});

for (const fault of ["hang", "garbage"]) {
  test(`a counter that answers nothing of use (${fault}) makes the answer 503, and nothing is consumed`, async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 });
    assertUnavailable((await validateWith({ fault }, token)).answer);
    assert.equal((await api.validate(token)).body.usesRemaining, 0);
  });
}

test("a token whose counter fails does not disturb tokens without a limit", async () => {
  const { token } = await installation.issue();
  await main.fail({ "worker.USE_COUNTER.*": { fault: "hang" } });
  assert.equal((await api.validate(token)).status, 200);
  await main.fail({});
});
