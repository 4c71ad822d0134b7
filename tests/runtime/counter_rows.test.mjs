// What a use costs: the rows that its counter reads and writes, each of which is billed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer, load } from "../support/load.mjs";

const USES = 400;
// Two counters, the administrator's and the token's, may report once meanwhile, and the administrator's uses arrive.
const REPORTS = { read: 60, written: 12 };

const worker = await startWorker({ watched: true });
const installation = await Installation.found(worker);
const { main } = worker;

test("a use reads at most two rows of its counter and writes one, and a refused one writes none", async (context) => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: USES + 1 });
  // The first use makes the table.
  assert.equal((await worker.api.validate(token)).status, 200);
  await main.resetCounts();
  const uses = { total: USES, connections: 8, headers: bearer(token) };
  assert.deepEqual(await load(main.url, uses), { 200: USES });
  const used = await rows();
  context.diagnostic(`${used.read / USES} rows read and ${used.written / USES} written for each use`);
  assert.ok(used.read <= 2 * USES + REPORTS.read, `${used.read}`);
  assert.ok(used.written <= USES + REPORTS.written, `${used.written}`);

  await main.resetCounts();
  assert.deepEqual(await load(main.url, { ...uses, total: 3 }), { 401: 3 });
  const { written } = await rows();
  assert.ok(written <= REPORTS.written, `${written}`);
});

async function rows() {
  const counts = await main.counts();
  return { read: counts["counter.rows.read"] ?? 0, written: counts["counter.rows.written"] ?? 0 };
}
