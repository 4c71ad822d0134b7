// Every screen and dialog in two sizes and two schemes: axe finds nothing, nothing goes beyond the edge, the page breaks
// none of its own rules. A picture of each is kept in tests/pictures/.

import assert from "node:assert/strict";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch, Operator, SCHEMES, SIZES } from "./support/browser.mjs";
import { furnish, patterns, screens } from "./support/screens.mjs";
import { World } from "./support/world.mjs";

const PICTURES = fileURLToPath(new URL("pictures", import.meta.url));

await rm(PICTURES, { recursive: true, force: true });
await mkdir(PICTURES, { recursive: true });
const world = await World.start();
const place = await furnish(world);
const browser = await launch();

for (const size of Object.keys(SIZES)) {
  test(`every screen is clean and within its edges: ${size}`, async (context) => {
    const operators = {
      in: await Operator.arrive(browser, world, { size }),
      out: await Operator.arrive(browser, world, { size, session: false }),
    };
    for (const [name, { signedOut = false, show }] of Object.entries(screens)) {
      await context.test(name, async () => {
        const operator = signedOut ? operators.out : operators.in;
        // A page of its own: what one screen leaves open is not in the next one's picture.
        operator.page = await operator.context.newPage();
        operator.watch(operator.page);
        await show(operator, place);
        await operator.settled();
        for (const scheme of SCHEMES) {
          await operator.colour(scheme);
          await operator.page.screenshot({ path: path.join(PICTURES, `${name}-${size}-${scheme}.png`) });
          assert.deepEqual(await operator.axe(), [], scheme);
        }
        assert.ok((await operator.overflow()) <= 0, "something is wider than the page");
        assert.deepEqual(operator.faults, []);
        await operator.page.close();
      });
    }
    for (const operator of Object.values(operators)) await operator.leave();
  });
}

test("every screen of the console is among those a picture is taken of", async () => {
  const shown = Object.values(screens).map(({ show }) => `${show}`).join("\n");
  for (const pattern of await patterns()) {
    const literal = pattern.split("/").filter((part) => part !== "" && !part.startsWith(":")).at(-1);
    assert.ok(shown.includes(`/${literal}`), `${pattern} is shown by none of tests/support/screens.mjs`);
  }
});
