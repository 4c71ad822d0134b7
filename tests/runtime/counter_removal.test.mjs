// A counter goes when its token has been gone for long enough (2 s in test builds), and never before.

import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { eventually } from "../support/waiting.mjs";

const worker = await startWorker({ build: "build-test" });
const installation = await Installation.found(worker);

// How many counters store something: those in whose files the text of the table stands.
async function stored() {
  const names = await readdir(worker.stateFolder, { recursive: true });
  const files = names.filter((name) => /UseCounter.*\.sqlite(-wal)?$/.test(name));
  const holds = async (name) => (await readFile(path.join(worker.stateFolder, name))).includes("recent_attempts");
  const found = await Promise.all(files.map(async (name) => (await holds(name)) && name.replace(/-wal$/, "")));
  return new Set(found.filter(Boolean)).size;
}

async function use({ token }, remaining) {
  const answer = await worker.api.validate(token);
  assert.deepEqual([answer.status, answer.body.usesRemaining], [200, remaining]);
}

test("a counter is removed with its token, and another token's counter goes on", async () => {
  const gone = await installation.issue({ accessTokenNumUsesLimit: 5 });
  const kept = await installation.issue({ accessTokenNumUsesLimit: 5 });
  await use(gone, 4);
  await use(kept, 4);
  // The third one is the administrator's.
  await eventually("three counters", async () => (await stored()) === 3);
  // Longer than a counter outlives its token: all look after theirs meanwhile, and find it.
  await sleep(5_000);
  await use(gone, 3);
  await use(kept, 3);
  granted(await installation.api.deleteIdentity(installation.administrator, gone.identity));
  await eventually("two counters", async () => (await stored()) === 2);
  await use(kept, 2);
  assert.equal((await worker.api.validate(gone.token)).status, 401);
  assert.equal(await stored(), 2, "a refused request makes no counter anew");
});
