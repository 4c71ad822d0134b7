// The walk-through of README.md and docs/: their blocks of shell, one after another in one shell, as a reader would paste them.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";

import { startWorker } from "../support/harness.mjs";
import { Origin, headerOf } from "../support/origin.mjs";
import { fencesOf, readme } from "../support/readme.mjs";

// What is done to a real account, to other machines, or with downloads. Every other section is run.
const NOT_RUN = ["Deployment", "Behind a reverse proxy", "Upgrading"];
// The only calls that are refused on purpose, by what they say.
const REFUSED = [{ said: "CF-Connecting-IP: 198.51.100.7", status: "403" }];
// What differs each time.
const VOLATILE = /^(id|.*Id|.*At|iat|date|reqId|.*Prefix|detail)$/;

// Ends at the first command that fails. Every call is written down with its status; what is printed stays as it is.
const PREAMBLE = `
set -euo pipefail
shopt -s inherit_errexit
curl() {
  local status
  status=$(command curl --show-error --max-time 30 --output "$FOLDER/answer" --write-out '%{http_code}' "$@")
  printf '%s\\t%s\\n' "$status" "\${*//$'\\n'/ }" >>"$FOLDER/calls"
  cat "$FOLDER/answer"
  : >"$FOLDER/answer"
}
`;

const fences = fencesOf(await readme()).filter(({ chapter }) => !NOT_RUN.includes(chapter));
const blocks = fences.filter(({ language }) => language === "sh");

const origin = await Origin.start({ answer: (request, response) => response.end(JSON.stringify(request.headers)) });
after(() => origin.stop());
const worker = await startWorker({ vars: { ALLOW_LOOPBACK_ORIGINS: "true" } });

// Runs the blocks with an address and a secret of this test's, and returns for each what it printed and which calls it
// made.
async function walk() {
  const { stdout, stderr, error, calls } = await run(blocks, PREAMBLE);
  const part = (text, index) => text.split(/\nBLOCK-\d+\n/)[index] ?? "";
  const done = blocks.map((block, index) => ({ ...block, printed: part(stdout, index), calls: part(calls, index) }));
  return { done, problem: error && `${error.message.split("\n").at(-1)}${stderr}\n${stdout.slice(-1_000)}` };
}

async function run(blocks, preamble) {
  const folder = await mkdtemp(path.join(tmpdir(), "token-auth-"));
  after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(path.join(folder, ".dev.vars"), `AUTH_SECRET=${worker.authSecret}\n`, { mode: 0o600 });
  const ends = blocks.map((block, index) => `${block.text}\nprintf '\\n%s\\n' BLOCK-${index} | tee -a "$FOLDER/calls"\n`);
  const script = `${preamble}${ends.join("")}`
    .replaceAll("http://127.0.0.1:8787", worker.entrance.origin)
    .replaceAll("http://127.0.0.1:3000", origin.url);
  const { stdout, stderr, error } = await promisify(execFile)("bash", ["-c", script], {
    cwd: folder,
    env: { ...process.env, FOLDER: folder },
    timeout: 120_000,
  }).catch((error) => ({ stdout: error.stdout, stderr: error.stderr, error }));
  const calls = await readFile(path.join(folder, "calls"), "utf8");
  return { stdout, stderr, error, calls };
}

const { done, problem } = await walk();

test("the walk-through runs to its end in one shell", () => {
  assert.equal(problem, undefined);
});

for (const { section, line, calls } of done) {
  test(`the calls in line ${line} (${section}) succeed`, () => {
    for (const call of calls.split("\n").filter(Boolean)) {
      const [status, said] = call.split("\t");
      const refused = REFUSED.find((refusal) => said.includes(refusal.said));
      assert.match(status, refused ? new RegExp(refused.status) : /^2\d\d$/, said);
    }
  });
}

// What the README shows below a block: each field in its order, with its value where that is the same each time.
function expectedOf(shown) {
  const fields = [...shown.matchAll(/"([A-Za-z_]+)":(null|true|false|-?\d+|"[^"]*"|\[\]|)/g)];
  return fields.map(([, name, value]) => {
    const isKnown = value !== "" && !VOLATILE.test(name) && !value.includes("…");
    return isKnown ? `"${name}":${value.replace("http://127.0.0.1:8787", worker.entrance.origin)}` : `"${name}":`;
  });
}

for (const block of done) {
  const next = fences[fences.findIndex((fence) => fence.line === block.line) + 1];
  if (next?.section !== block.section || next.language !== "" || !next.text.startsWith("{")) continue;
  test(`what line ${block.line} (${block.section}) prints is what is shown below it`, () => {
    let rest = block.printed;
    for (const expected of expectedOf(next.text.replaceAll(/\n\s*/g, ""))) {
      const at = rest.indexOf(expected);
      assert.ok(at >= 0, `${expected} is not in its place in\n${rest}`);
      rest = rest.slice(at + expected.length);
    }
  });
}

test("the origin of the walk-through was reached through the gateway", () => {
  const [seen, ...others] = origin.take();
  assert.deepEqual([seen?.target, others], ["/local/items", []]);
  assert.equal(headerOf(seen, "token-auth-identity-name"), "worker");
});

test("a second walk over the same state says at once how to start over, and comes to no other call", async () => {
  // In a shell as a reader has it, which does not end at the first command that fails.
  const again = await run(blocks, PREAMBLE.replace("set -euo pipefail", ""));
  assert.match(again.stdout, /Instance has already been set up/);
  assert.match(again.stderr, /To start over, stop make dev, delete \.wrangler\/state and start it again/);
  assert.equal(again.calls.trim().split("\n").length, 1, again.calls);
  assert.match(await readFile(new URL("../../scripts/dev.sh", import.meta.url), "utf8"), /PERSIST:-\.wrangler\/state/);
});

test("no date of the walk-through lies in a fixed future or past", () => {
  for (const { text, line } of blocks) assert.doesNotMatch(text, /20\d\d-\d\d-\d\d/, `the block in line ${line}`);
});

test("the explained request of the walk-through is one that would be let through", () => {
  const explained = done.filter(({ text }) => text.includes("/api/v1/explain"));
  assert.equal(explained.length, 1);
  const verdicts = [...explained[0].printed.matchAll(/"verdict":"(\w+)"/g)].map(([, verdict]) => verdict);
  assert.deepEqual(verdicts, ["refused", "allowed"]);
});

test("no call of the walk-through stands where it is not run", () => {
  assert.ok(blocks.length >= 12, `${blocks.length}`);
  for (const { language, text, line } of fences) {
    assert.ok(language !== "" || !/^\s*curl |\$\(curl /m.test(text), `the block in line ${line} is not marked as sh`);
  }
});
