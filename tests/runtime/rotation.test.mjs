// AUTH_SECRET is replaced by another: with AUTH_SECRET_PREVIOUS everything goes on, without it the past is void.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newSecret, startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bothInReplica } from "../support/withdrawals.mjs";

test("tokens and records of the previous secret hold until it is taken away", async (context) => {
  const worker = await startWorker({ watched: true }, context);
  const { api, main } = worker;
  const installation = await Installation.found(worker);
  const old = await installation.issue();
  await bothInReplica(worker, old);

  const previous = worker.authSecret;
  Object.assign(worker.vars, { AUTH_SECRET: newSecret(), AUTH_SECRET_PREVIOUS: previous });
  await worker.restart();
  // KV is believed too: the authority cannot be asked about the token.
  await main.fail({ "worker.DIRECTORY.resolve": { fault: "fail" } });
  assert.equal((await api.validate(old.token)).status, 200);
  await main.fail({});
  const young = await installation.issue();
  assert.equal((await api.validate(young.token)).status, 200);
  assert.equal((await api.bootstrap(previous, "Mallory")).status, 403);

  delete worker.vars.AUTH_SECRET_PREVIOUS;
  await worker.restart();
  await main.resetCounts();
  assert.equal((await api.validate(old.token)).status, 401);
  assert.deepEqual(await main.lookUps(), {}, "a token of the old secret is a forged one now");
  assert.equal((await api.validate(young.token)).status, 200);
});
