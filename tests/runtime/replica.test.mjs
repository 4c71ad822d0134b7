// KV is disposable and untrusted: whatever is lost from it, or written into it, nothing becomes valid by it, nothing
// stops working, and it heals.

import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { letTimePass } from "../support/outbox.mjs";
import { eventually } from "../support/waiting.mjs";
import { ELSEWHERE, OFFICE, bothInReplica, inReplica } from "../support/withdrawals.mjs";

// `edge` reads what the tests leave in KV; it has seen nothing of it before. With a bound of 0 nothing is right only
// because it happens to be known already.
const worker = await startWorker({ watched: true, isolates: ["home", "edge"], vars: { MAX_STALENESS_SECONDS: 0 } });
const installation = await Installation.found(worker);
const { home, edge } = worker.isolates;
const { administrator, api } = installation;

// How a record says that its token has been revoked.
const REVOKED = /"revoked":true/;

// A token that works, one that is revoked, and one that may be used from the office only; all of them in KV, and none
// of them known to `edge`.
async function subjects() {
  const [valid, revoked, bound] = [
    await installation.issue(),
    await installation.issue(),
    await installation.issue(only(OFFICE)),
  ];
  const active = await inReplica(worker, `token/${revoked.id}`);
  await installation.revoke(revoked.id);
  await inReplica(worker, `token/${revoked.id}`, REVOKED);
  await bothInReplica(worker, valid);
  await bothInReplica(worker, bound);
  return { valid, revoked, bound, active, store: await worker.store };
}

async function assertUnharmed({ valid, revoked, bound }) {
  await edge.resetCounts();
  for (const isolate of [edge, home]) {
    assert.equal((await isolate.api.validate(valid.token, ELSEWHERE)).status, 200);
    assert.equal((await isolate.api.validate(revoked.token, ELSEWHERE)).status, 401);
    assert.equal((await isolate.api.validate(bound.token, ELSEWHERE)).status, 403);
    assert.equal((await isolate.api.validate(bound.token, OFFICE)).status, 200);
  }
  assert.ok((await edge.counts())["worker.TOKENS.get"] >= 5, "KV has been read");
}

function seal(key, json, secret) {
  return `${createHmac("sha256", secret).update(`${key}\0${json}`).digest("hex")} ${json}`;
}

// What somebody with write access to KV may do to a record: from its key, its value, and the value of a better one.
const TAMPERINGS = {
  "edited under its old seal": (key, value) =>
    value.replace('"revoked":true', '"revoked":false').replace(OFFICE, ELSEWHERE),
  "copied from a better one": (key, value, better) => better,
  "sealed with another secret": (key, value, better) => seal(key, better.slice(65), randomBytes(32)),
  "sealed with an empty secret": (key, value, better) => seal(key, better.slice(65), ""),
  "without a seal": (key, value, better) => better.slice(65),
  "with a seal of zeros": (key, value, better) => `${"0".repeat(64)} ${better.slice(65)}`,
  "cut off in the middle": (key, value) => value.slice(0, Math.floor(value.length / 2)),
  "cut off in its seal": (key, value) => value.slice(0, 40),
  "cut off by one character": (key, value) => value.slice(0, -1),
  emptied: () => "",
  "replaced by JSON of another kind": () => '{"token":null}',
  "replaced by a huge text": () => "x".repeat(1_000_000),
  "replaced by bytes that are no text": () => new Uint8Array([0xff, 0xfe, 0x00, 0xc0, 0x80]),
};

// All at once: most of the time is the second that must pass between two puts of one key.
const prepared = await Promise.all(Object.keys(TAMPERINGS).map(subjects));

for (const [number, [tampering, tamper]] of Object.entries(TAMPERINGS).entries()) {
  test(`a record ${tampering} neither makes a token valid nor breaks one`, async () => {
    const all = prepared[number];
    const { valid, store } = all;
    const better = {
      token: await store.get(`token/${valid.id}`),
      identity: await store.get(`identity/${valid.identity}`),
    };
    for (const { id, identity } of [all.revoked, all.bound, valid]) {
      for (const [kind, key] of [["token", `token/${id}`], ["identity", `identity/${identity}`]]) {
        const value = await store.get(key);
        await store.put(key, tamper(key, value, better[kind]));
      }
    }
    await assertUnharmed(all);
  });
}

test("a genuine record from before the revocation, put back, does not revive the token", async () => {
  const all = await subjects();
  await all.store.put(`token/${all.revoked.id}`, all.active);
  await assertUnharmed(all);
});

test("everything works while everything in KV is deleted", async () => {
  const all = await subjects();
  for (const { name } of (await all.store.list()).keys) await all.store.delete(name);
  await assertUnharmed(all);
  const young = await installation.issue({ accessTokenNumUsesLimit: 1 });
  assert.equal((await edge.api.validate(young.token)).status, 200);
  assert.equal((await edge.api.validate(young.token)).status, 401);
});

test("a folder of KV that has disappeared is filled again, and validation works meanwhile", async () => {
  const all = await subjects();
  await worker.restart(async () => {
    await rm(path.join(worker.stateFolder, "kv"), { recursive: true });
    // A record is not put again within a minute.
    await letTimePass(worker, 120);
  });
  const store = await worker.store;
  assert.equal(await store.get(`token/${all.valid.id}`), null, "nobody has asked for it yet");
  await assertUnharmed(all);
  const { valid, revoked } = all;
  await bothInReplica(worker, valid);
  await inReplica(worker, `token/${revoked.id}`, REVOKED);

  // What is there now is good: it is enough for an isolate that cannot ask about the token.
  await worker.restart();
  await edge.fail({ "worker.DIRECTORY.resolve": { fault: "fail" } });
  assert.equal((await edge.api.validate(valid.token)).status, 200);
  assert.equal((await edge.api.validate(revoked.token)).status, 401);
});

test("when KV cannot be read, the authority answers", async () => {
  for (const fault of ["fail", "miss", "hang"]) {
    await edge.fail({ "worker.TOKENS.get": { fault } });
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 });
    assert.equal((await edge.api.validate(token)).status, 200, fault);
    assert.equal((await edge.api.validate(token)).status, 401, fault);
  }
  await edge.fail({});
});

test("a record that cannot be put is put again later, and meanwhile the token works", async () => {
  await home.resetCounts();
  await home.fail({ "directory.TOKENS.put": { fault: "fail" } });
  const { token, id } = await installation.issue();
  assert.equal((await edge.api.validate(token)).status, 200);
  const tries = async () => (await home.counts())[`directory.TOKENS.put token/${id}`];
  await eventually("a second try", async () => (await tries()) >= 2);
  const store = await worker.store;
  assert.equal(await store.get(`token/${id}`), null);
  assert.deepEqual(granted(await api.call("GET", "/api/status")).degraded, ["replica"]);

  await home.fail({});
  await inReplica(worker, `token/${id}`);
  await eventually("nothing degraded", async () => granted(await api.call("GET", "/api/status")).degraded.length === 0);
});

test("a record that could not be put before a restart is put after it, without any request", async () => {
  await home.resetCounts();
  await home.fail({ "directory.TOKENS.put": { fault: "fail" } });
  const { id } = await installation.issue();
  await eventually("a first try", async () => (await home.counts())[`directory.TOKENS.put token/${id}`] >= 1);
  await worker.restart();
  await inReplica(worker, `token/${id}`);
});

test("a revocation that KV only said to have taken is put again", async () => {
  const { id } = await installation.issue();
  const active = await inReplica(worker, `token/${id}`);
  await home.resetCounts();
  await home.fail({ "directory.TOKENS.put": { fault: "lose" } });
  await installation.revoke(id);
  await eventually("the put that is lost", async () => (await home.counts())[`directory.TOKENS.put token/${id}`] === 1);
  const store = await worker.store;
  assert.equal(await store.get(`token/${id}`), active);

  // What narrows is put a second time after a minute.
  await worker.restart(() => letTimePass(worker, 120));
  // The alarm was set for a minute that has not passed: any request makes the Directory look at its clock.
  granted(await api.call("GET", "/healthz"));
  await inReplica(worker, `token/${id}`, REVOKED);
});
