// A client that goes away in the middle harms nobody but itself.

import assert from "node:assert/strict";
import { request } from "node:http";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer } from "../support/load.mjs";
import { eventually } from "../support/waiting.mjs";

const CLIENTS = 20;

// With a bound of 0 each validation asks the authority, so that it can be held up there.
const worker = await startWorker({ watched: true, vars: { MAX_STALENESS_SECONDS: 0 } });
const installation = await Installation.found(worker);
const { api, main } = worker;

for (const operation of ["worker.DIRECTORY.changes", "worker.USE_COUNTER.consume"]) {
  test(`requests that are broken off while they wait for ${operation} cost others nothing`, async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: CLIENTS + 3 });
    await main.resetCounts();
    await main.fail({ [operation]: { fault: "hold" } });
    const clients = Array.from({ length: CLIENTS }, () => {
      const client = request(new URL("/validate", main.url), { headers: bearer(token), agent: false });
      client.on("error", () => {});
      client.end();
      return client;
    });
    await eventually("all of them waiting", async () => (await main.counts())[operation] === CLIENTS);
    for (const client of clients) client.destroy();
    await main.fail({});

    // Each consumes its own use at most, if the runtime let it go on.
    const answers = [await api.validate(token), await api.validate(token), await api.validate(token)];
    for (const { status, text } of answers) assert.equal(status, 200, text);
    const left = answers.map(({ body }) => body.usesRemaining);
    assert.ok(left[0] > left[1] && left[1] > left[2], `${left}`);
  });
}

test("uses are counted after a request that was to report them has gone", async () => {
  const { token, id } = await installation.issue();
  for (let number = 0; number < 5; number += 1) {
    await new Promise((resolve) => {
      const client = request(new URL("/validate", main.url), { headers: bearer(token), agent: false }, (response) => {
        assert.equal(response.statusCode, 200);
        client.destroy();
        resolve();
      });
      client.end();
    });
  }
  assert.equal((await api.validate(token)).status, 200);
  await eventually("6 uses", async () => (await installation.view(id)).accessTokenNumUses === 6);
});
