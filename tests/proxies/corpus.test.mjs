// The whole corpus through each real proxy with its example configuration, to the real Worker and a real origin.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { corpus } from "./corpus.mjs";
import { judge } from "./support/judge.mjs";
import { PROXIES, startProxy } from "./support/programs.mjs";
import { send } from "../support/wire.mjs";
import { World } from "./support/world.mjs";

const world = await World.start();
after(() => world.stop());
const table = [];

for (const name of PROXIES) {
  test(`${name}: what is allowed goes through, and nothing else does`, async () => {
    const proxy = await startProxy(name, world);
    try {
      world.front.take();
      const tokens = await world.tokens();
      const { asking, passesUnderscores } = proxy;
      const secret = asking.secretOf(world);
      const cases = corpus(tokens).map((one) => asking.adapt(one, tokens));
      const failures = [];
      const consumed = new Map();
      let [passed, unanswered] = [0, 0];
      for (const one of cases) {
        const answer = await send(proxy.port, one.bytes);
        const seen = { answer, requests: world.origin.take(), ...world.front.take() };
        for (const { question } of seen.verdicts.filter(asking.isYes)) {
          const token = asking.tokenOf(question);
          consumed.set(token, (consumed.get(token) ?? 0) + 1);
        }
        passed += seen.requests.length;
        // A proxy that finds fault with the rest of a request may give its question up.
        unanswered += seen.questions.length - seen.verdicts.length;
        failures.push(
          ...judge(one, seen, { asking, secret, passesUnderscores }).map(
            (what) => `${one.family}, ${one.name}: ${what}`,
          ),
        );
      }
      for (const token of [tokens.good, tokens.elsewhere, tokens.reader, tokens.outsider]) {
        const [expected, uses] = [consumed.get(token.token) ?? 0, await world.uses(token)];
        if (uses < expected || uses > expected + unanswered) {
          failures.push(`${uses} uses are counted, ${expected} were answered with a yes, ${unanswered} not at all`);
        }
      }
      for (const line of (await proxy.log()).split("\n").filter((text) => text.includes(secret))) {
        failures.push(`the proxy's log holds the secret: ${line}`);
      }
      table.push({ proxy: name, cases: cases.length, "passed on": passed, failures: failures.length });
      assert.deepEqual(failures, [], failures.join("\n"));
    } finally {
      await proxy.stop();
    }
  });
}

after(() => console.table(table));
