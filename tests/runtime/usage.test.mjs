// How often a token was used, and when last, reaches the operator within seconds; refused requests do not count.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, only } from "../support/installation.mjs";
import { eventually } from "../support/waiting.mjs";
import { ELSEWHERE, OFFICE } from "../support/withdrawals.mjs";

const worker = await startWorker({ isolates: ["home", "edge"] });
const installation = await Installation.found(worker);
const { home, edge } = worker.isolates;

// At the same time: reports of one token are some seconds apart.
suite("uses are counted and shown", { concurrency: true }, () => {
  for (const [kind, limit] of [["limited", 7], ["unlimited", 0]]) {
    test(`of a token whose uses are ${kind}, wherever it is used`, async () => {
      const { token, id, identity } = await installation.issue({ accessTokenNumUsesLimit: limit, ...only(OFFICE) });
      const { accessTokenNumUses, accessTokenLastUsedAt } = await installation.view(id);
      assert.deepEqual([accessTokenNumUses, accessTokenLastUsedAt], [0, null]);

      const started = Date.now();
      for (const { api } of [home, edge, edge, home, edge]) {
        assert.equal((await api.validate(token, OFFICE)).status, 200);
        assert.equal((await api.validate(token, ELSEWHERE)).status, 403);
      }
      const ended = Date.now();

      const view = await eventually("5 uses", async () => {
        const seen = await installation.view(id);
        return seen.accessTokenNumUses >= 5 && seen;
      });
      assert.equal(view.accessTokenNumUses, 5);
      const lastUsed = Date.parse(view.accessTokenLastUsedAt);
      assert.ok(started <= lastUsed && lastUsed <= ended, `${started} ${lastUsed} ${ended}`);
      const list = await home.api.listTokens(installation.administrator, identity);
      assert.deepEqual(list.body.tokens, [view]);
    });
  }

  for (const [kind, limit] of [["limited", 7], ["unlimited", 0]]) {
    test(`of a token whose uses are ${kind}, for the management API, where a refused call does not count`, async () => {
      const configuration = { accessTokenNumUsesLimit: limit, ...only(OFFICE) };
      const { token, id, identity } = await installation.issue(configuration);
      const call = (method, path, options) => home.api.call(method, path, { bearer: token, from: OFFICE, ...options });
      const own = `/api/v1/identities/${identity}`;
      const tokens = `/api/v1/auth/token-auth/identities/${identity}/tokens`;
      const refused = async () => {
        for (const answer of [
          await call("GET", own),
          await call("PATCH", own, { json: { name: "changed" } }),
          await call("POST", tokens, { json: {} }),
          await call("GET", "/api/v1/identities/details", { from: ELSEWHERE }),
        ]) {
          assert.equal(answer.status, 403, answer.text);
        }
      };
      await refused();
      const started = Date.now();
      assert.equal((await call("GET", "/api/v1/identities/details")).status, 200);
      const ended = Date.now();
      await refused();
      // A report that counted more would come within a second or two.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      const view = await eventually("1 use", async () => {
        const seen = await installation.view(id);
        return seen.accessTokenNumUses >= 1 && seen;
      });
      assert.equal(view.accessTokenNumUses, 1);
      const lastUsed = Date.parse(view.accessTokenLastUsedAt);
      assert.ok(started <= lastUsed && lastUsed <= ended, `${started} ${lastUsed} ${ended}`);
    });
  }

  test("of a token that is used for the management API", async () => {
    const { token, id } = await installation.issue({ accessTokenNumUsesLimit: 3 });
    const details = () => home.api.call("GET", "/api/v1/identities/details", { bearer: token });
    for (const expected of [200, 200, 200, 401]) assert.equal((await details()).status, expected);
    await eventually("3 uses", async () => (await installation.view(id)).accessTokenNumUses === 3);
  });
});
