// A defect that panics harms the one request that met it. Runs the build with test hooks, which panics on demand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer, load } from "../support/load.mjs";
import { assertProblem } from "../support/shape.mjs";
import { eventually } from "../support/waiting.mjs";

// Milliseconds; within the deadline of a call to an object, with room for a slow machine.
const SOON = 3_500;

// With a bound of 0 each validation asks the authority, so that it can be held up there.
const worker = await startWorker({ build: "build-test", watched: true, vars: { MAX_STALENESS_SECONDS: 0 } });
const installation = await Installation.found(worker);
const { api, main } = worker;

async function timed(path) {
  const started = performance.now();
  const answer = await api.call("GET", path);
  return { answer, took: performance.now() - started };
}

test("a request that panics gets 500, and 20 requests in flight beside it finish", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 20 });
  await main.resetCounts();
  await main.fail({ "worker.DIRECTORY.changes": { fault: "hold" } });
  const beside = Promise.all(Array.from({ length: 20 }, () => api.validate(token)));
  await eventually("20 requests in flight", async () => (await main.counts())["worker.DIRECTORY.changes"] === 20, {
    every: 5,
  });
  const panics = await Promise.all(Array.from({ length: 5 }, () => api.call("GET", "/__test/panic")));
  assert.equal((await main.counts())["worker.USE_COUNTER.consume"], undefined, "the requests are still in flight");
  for (const panic of panics) assertProblem(panic, 500, "internal_error");
  await main.fail({});

  const remaining = (await beside).map((answer) => {
    assert.equal(answer.status, 200, answer.text);
    return answer.body.usesRemaining;
  });
  assert.deepEqual(remaining.sort((a, b) => a - b), Array.from({ length: 20 }, (_, index) => index));
  for (const panic of panics) {
    const line = worker.logs.find((line) => line.includes(panic.body.requestId));
    assert.match(line ?? "", /"code":"panic"/);
  }
});

test("a panic in the Directory reaches its caller soon, and the Directory works on", async () => {
  const before = await installation.issue();
  for (let round = 0; round < 3; round += 1) {
    const { answer, took } = await timed("/__test/panic-directory");
    assert.equal(answer.status, 503, answer.text);
    assert.ok(took < SOON, `${took} ms`);
    assert.equal((await api.validate(before.token)).status, 200);
    const after = await installation.issue();
    assert.equal((await api.validate(after.token)).status, 200);
  }
  await installation.revoke(before.id);
  assert.equal((await api.validate(before.token)).status, 401);
});

test("a panic in a counter reaches its caller soon, and no use is lost or won", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 50 });
  const uses = load(main.url, { total: 100, connections: 5, headers: bearer(token) });
  for (let round = 0; round < 3; round += 1) {
    const { answer, took } = await timed("/__test/panic-counter");
    assert.equal(answer.status, 503, answer.text);
    assert.ok(took < SOON, `${took} ms`);
  }
  assert.deepEqual(await uses, { 200: 50, 401: 50 });
});

test("the program that is deployed has no such hooks", async (context) => {
  const release = await startWorker({ vars: { CONTROL_HOSTS: "127.0.0.1" } }, context);
  for (const hook of ["panic", "panic-directory", "panic-counter"]) {
    assertProblem(await release.api.call("GET", `/__test/${hook}`), 404, "not_found");
  }
});
