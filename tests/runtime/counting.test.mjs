// The number of uses is exact: never one more and never one fewer, however many clients ask at once.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer, load } from "../support/load.mjs";

const ROUNDS = 5;

const worker = await startWorker({ isolates: ["main", "second", "third"] });
const installation = await Installation.found(worker);

for (let round = 1; round <= ROUNDS; round += 1) {
  const name = `5,000 requests over 64 connections get exactly 1,000 of 1,000 uses (round ${round} of ${ROUNDS})`;
  test(name, async (context) => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1000 });
    const remaining = new Set();
    const started = performance.now();
    const statuses = await load(worker.main.url, {
      total: 5000,
      connections: 64,
      headers: bearer(token),
      onAnswer: ({ status, text }) => status === 200 && remaining.add(JSON.parse(text).usesRemaining),
    });
    const seconds = (performance.now() - started) / 1000;
    context.diagnostic(`${JSON.stringify(statuses)} in ${seconds.toFixed(1)} s`);
    assert.deepEqual(statuses, { 200: 1000, 401: 4000 });
    // Each use was given out once: the answers count down from 999 to 0 without a gap.
    assert.equal(remaining.size, 1000);
    assert.equal(Math.max(...remaining), 999);
    assert.equal(Math.min(...remaining), 0);
    assert.equal((await worker.api.validate(token)).status, 401);
  });
}

test("of 500 clients that use a one-time token at the same moment exactly one succeeds", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 });
  const statuses = await load(worker.main.url, { total: 500, connections: 500, headers: bearer(token) });
  assert.deepEqual(statuses, { 200: 1, 401: 499 });
});

test("three isolates that are asked at the same time give out exactly the limit together", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 200 });
  const loads = Object.values(worker.isolates).map(({ url }) =>
    load(url, { total: 300, connections: 16, headers: bearer(token) }),
  );
  const granted = (await Promise.all(loads)).map((statuses) => statuses[200] ?? 0);
  assert.equal(granted.reduce((sum, count) => sum + count), 200, `${granted}`);
});

test("1,000 requests from an untrusted address consume none of 5 uses", async () => {
  const { token } = await installation.issue({
    accessTokenNumUsesLimit: 5,
    accessTokenTrustedIps: [{ ipAddress: "203.0.113.0/24" }],
  });
  const storm = { total: 1000, connections: 32, headers: bearer(token, "198.51.100.7") };
  assert.deepEqual(await load(worker.main.url, storm), { 403: 1000 });
  const uses = { total: 8, connections: 1, headers: bearer(token, "203.0.113.9") };
  assert.deepEqual(await load(worker.main.url, uses), { 200: 5, 401: 3 });
});
