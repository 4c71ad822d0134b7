// Junk costs nothing: a malformed or forged token is refused without a KV read and without a call to an object.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { bearer, load } from "../support/load.mjs";

const TOTAL = 10_000;
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// The edge isolate gets nothing but junk: what the operator's own requests leave to do stays in the other one.
const worker = await startWorker({ watched: true, isolates: ["home", "edge"] });
const installation = await Installation.found(worker);
const { edge } = worker.isolates;
// The same program with another AUTH_SECRET: its tokens have the right shape and a tag, but not ours.
const stranger = await Installation.found(await startWorker());

const { token: good } = await installation.issue();
const { token: foreign } = await stranger.issue();

const random = (length) => Array.from(randomBytes(length), (byte) => DIGITS[byte % DIGITS.length]).join("");
// A header holds bytes; this writes the UTF-8 bytes of a text one by one.
const bytes = (text) => Buffer.from(text).toString("latin1");

function changed(token, position) {
  const digit = DIGITS[(DIGITS.indexOf(token[position]) + 1) % DIGITS.length];
  return token.slice(0, position) + digit + token.slice(position + 1);
}

// Each makes an Authorization header that is not acceptable, from the number of the request.
const KINDS = {
  "another word": () => `Bearer ${random(12)}`,
  "another length": (number) => `Bearer ${good.slice(0, number % 80)}`,
  "one character more": (number) => `Bearer ${good}${DIGITS[number % 62]}`,
  "random characters": () => `Bearer tka_${random(76)}`,
  "one character changed": (number) => `Bearer ${changed(good, number % 80)}`,
  "another letter case": (number) => `Bearer ${number % 2 ? good.toLowerCase() : good.toUpperCase()}`,
  "another secret": () => `Bearer ${foreign}`,
  "our id with another secret's rest": () => `Bearer ${good.slice(0, 26)}${foreign.slice(26)}`,
  "very long": (number) => `Bearer tka_${"7".repeat(1_000 + (number % 7_000))}`,
  "not ASCII": (number) =>
    `Bearer ${bytes(["tka_ÿ", "tka_✓".padEnd(80, "𝔸"), `${good}é`, `ｔka_${good.slice(4)}`][number % 4])}`,
  "not UTF-8": () => `Bearer tka_\xff\xfe\x80${random(73)}`,
  "a JSON Web Token": () => "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
  "another scheme": (number) => [`Basic ${btoa(good)}`, good, `Token ${good}`, `Negotiate ${good}`][number % 4],
  "several credentials": (number) => [`Bearer ${good}, Bearer ${good}`, `Basic YTpi, Bearer ${good}`][number % 2],
  "quoted or split": (number) => [`Bearer "${good}"`, `Bearer ${good.slice(0, 40)} ${good.slice(40)}`][number % 2],
  nothing: (number) => ["", "Bearer", "Bearer ", "Bearer =", "Bearer ,"][number % 5],
};

test(`${TOTAL} malformed and forged tokens get 401 or 400 and cost no KV read and no object call`, async () => {
  const kinds = Object.values(KINDS);
  await edge.resetCounts();
  const statuses = await load(edge.url, {
    total: TOTAL,
    connections: 16,
    headers: (number) => ({ authorization: kinds[number % kinds.length](Math.floor(number / kinds.length)) }),
  });
  assert.deepEqual(Object.keys(statuses).sort(), ["400", "401"]);
  assert.equal(statuses[400] + statuses[401], TOTAL);
  assert.deepEqual(await edge.counts(), {});
});

for (const [kind, make] of Object.entries(KINDS)) {
  test(`a bearer that is junk (${kind}) is refused by /validate and by the management API`, async () => {
    await edge.resetCounts();
    for (let number = 0; number < 5; number += 1) {
      const headers = { authorization: make(number) };
      assert.ok([400, 401].includes(await status("/validate", headers)));
      // DIFFERENCE: Infisical answers a malformed token with 403 here.
      assert.equal(await status("/api/v1/identities/details", headers), 401);
    }
    assert.deepEqual(await edge.counts(), {});
  });
}

async function status(path, headers) {
  const statuses = await load(edge.url, { total: 1, connections: 1, path, headers });
  return Number(Object.keys(statuses)[0]);
}

test("junk in the body of renew and revoke costs nothing either", async () => {
  await edge.resetCounts();
  for (const token of [foreign, changed(good, 50), "tka_", "", "é".repeat(80)]) {
    assert.equal((await edge.api.renew(token)).status, 401);
    assert.equal((await edge.api.revokeOwn(token)).status, 401);
  }
  assert.deepEqual(await edge.counts(), {});
});

test("one good token does cost something, so the counters count", async () => {
  await edge.resetCounts();
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 });
  assert.deepEqual(await load(edge.url, { total: 1, connections: 1, headers: bearer(token) }), { 200: 1 });
  const counts = await edge.counts();
  for (const operation of ["worker.TOKENS.get", "worker.DIRECTORY.changes", "worker.USE_COUNTER.consume"]) {
    assert.ok(counts[operation] >= 1, `${operation}: ${JSON.stringify(counts)}`);
  }
});

test("what changes nothing does not make the isolate it came through ask the authority again", async () => {
  const client = await installation.client();
  assert.equal((await edge.api.validate(good)).status, 200);
  await edge.resetCounts();
  for (const junk of ["junk", foreign, changed(good, 60)]) assert.equal((await edge.api.revokeByOAuth(junk)).status, 200);
  assert.equal((await edge.api.introspect(good, { basic: client })).status, 200);
  assert.equal((await edge.api.validate(good)).status, 200);
  assert.equal((await edge.counts())["worker.DIRECTORY.changes"], undefined);
  // A command does.
  await installation.issue();
  const { token } = await installation.issue();
  assert.equal((await edge.api.revokeOwn(token)).status, 200);
  assert.equal((await edge.api.validate(good)).status, 200);
  assert.equal((await edge.counts())["worker.DIRECTORY.changes"], 1);
});
