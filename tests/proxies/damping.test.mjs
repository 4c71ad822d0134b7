// A client that fails too often behind a proxy reads 429 from it, and its good tokens go through all the same.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { request } from "./corpus/message.mjs";
import { FORWARD_AUTH_PROXIES, startProxy } from "./support/programs.mjs";
import { send } from "../support/wire.mjs";
import { World } from "./support/world.mjs";

const LIMIT = 3;
const world = await World.start({ limiters: { FAILURE_LIMITER: { limit: LIMIT, period: 60 } } });
after(() => world.stop());
const tokens = await world.tokens();

const ask = (proxy, token) => send(proxy.port, request({ headers: [["Authorization", `Bearer ${token}`]] }));

for (const name of FORWARD_AUTH_PROXIES) {
  test(`${name}: who fails too often reads 429`, async () => {
    const proxy = await startProxy(name, world);
    try {
      let answer;
      // A limiter's period may begin anew on the way.
      for (let attempt = 0; attempt < 3 * LIMIT && answer?.status !== 429; attempt += 1) {
        answer = await ask(proxy, tokens.revoked.token);
        assert.ok([401, 429].includes(answer.status), `${answer.status}`);
      }
      assert.equal(answer.status, 429);
      assert.equal(answer.headers.find(([header]) => header === "retry-after")?.[1], "10");
      assert.deepEqual(world.origin.take(), []);
      assert.equal((await ask(proxy, tokens.good.token)).status, 200);
      assert.equal(world.origin.take().length, 1);
    } finally {
      await proxy.stop();
    }
  });
}
