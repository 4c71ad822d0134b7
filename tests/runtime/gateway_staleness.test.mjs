// What takes a request's permission away is in force at the gateway everywhere within MAX_STALENESS_SECONDS. `home` is
// where the operator's requests go; for `edge` KV stands still before each change.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GatewayWorld, HOST, send } from "../support/gateway_world.mjs";
import { granted } from "../support/installation.mjs";
import { Origin } from "../support/origin.mjs";
import { until } from "../support/waiting.mjs";

const BOUND = 1_000;
const world = await GatewayWorld.start({
  watched: true,
  isolates: ["home", "edge"],
  vars: { MAX_STALENESS_SECONDS: BOUND / 1000 },
});
const { installation, project } = world;
const { edge } = world.worker.isolates;

// Sends a request to the other isolate.
const ask = (bearer, options = {}) => send(edge.url, { token: bearer.token, ...options });

// A member whose request the other isolate lets through, and for which KV does not change any more.
async function believed(role = "member") {
  const member = await world.addMember(role);
  await edge.fail({});
  assert.equal((await ask(member)).status, 200);
  await edge.freezeReplica();
  assert.equal((await ask(member)).status, 200);
  world.origin.take();
  return member;
}

// Waits until the bound has passed since now, when a change has been acknowledged.
const bound = () => until(Date.now() + BOUND + 1);

async function refusedNow(bearer, status, options) {
  const before = status === 401 || (await world.uses(bearer));
  const answer = await ask(bearer, options);
  assert.equal(answer.status, status, answer.text);
  assert.deepEqual(world.origin.take(), []);
  // A token that is refused for its own sake cannot be asked for its uses.
  if (status !== 401) assert.equal(await world.uses(bearer), before);
}

test("a revoked token", async () => {
  const member = await believed();
  await installation.revoke(member.id);
  await bound();
  await refusedNow(member, 401);
  await world.usedUp(member, 2);
});

test("a membership that was removed, or has another role", async () => {
  const [removed, demoted] = [await believed(), await believed()];
  await world.removeMember(removed.identity);
  await world.setRoles(demoted.identity, "viewer");
  await bound();
  await refusedNow(removed, 403);
  await refusedNow(demoted, 403, { method: "POST" });
  assert.equal((await ask(demoted)).status, 200);
  world.origin.take();
});

test("a role whose rules were changed", async () => {
  const rule = (glob) => [{ subject: "requests", action: ["read"], conditions: { path: { $glob: glob } } }];
  await project.role("narrow", rule("/a/**"));
  const member = await world.addMember("narrow");
  await edge.fail({});
  assert.equal((await ask(member, { path: "/a/b" })).status, 200);
  await edge.freezeReplica();
  world.origin.take();
  const { api, administrator } = installation;
  const { roles } = granted(await api.call("GET", `/api/v1/projects/${project.id}/roles`, { bearer: administrator }));
  const { id } = roles.find(({ slug }) => slug === "narrow");
  const path = `/api/v1/projects/${project.id}/roles/${id}`;
  granted(await api.call("PATCH", path, { bearer: administrator, json: { permissions: rule("/c/**") } }));
  await bound();
  await refusedNow(member, 403, { path: "/a/b" });
  assert.equal((await ask(member, { path: "/c/d" })).status, 200);
  world.origin.take();
});

test("a route that was changed or deleted", async () => {
  const other = await Origin.start();
  try {
    const host = "moving.example.com";
    const route = await project.route({ host, pathPrefix: "/", origin: world.origin.url });
    const member = await world.addMember();
    await edge.fail({});
    assert.equal((await ask(member, { host })).status, 200);
    await edge.freezeReplica();
    world.origin.take();

    await project.changeRoute(route, { origin: other.url });
    await bound();
    assert.equal((await ask(member, { host })).status, 200);
    assert.deepEqual([world.origin.take().length, other.take().length], [0, 1]);

    await project.changeRoute(route, { pathPrefix: "/below", methods: ["GET"] });
    await bound();
    await refusedNow(member, 404, { host });
    await refusedNow(member, 405, { host, path: "/below", method: "POST" });

    await project.deleteRoute(route);
    await bound();
    await refusedNow(member, 421, { host, path: "/below" });
    assert.deepEqual(other.take(), []);
    // The routes of other hosts are as they were.
    assert.equal((await ask(member, { host: HOST })).status, 200);
    world.origin.take();
  } finally {
    await other.stop();
  }
});

test("a new member, role or route works at once, though KV shows none and another caller was just refused", async () => {
  await believed();
  const stranger = await world.addMember("no-access");
  await refusedNow(stranger, 403);
  const host = "young.example.com";
  await project.route({ host, pathPrefix: "/", origin: world.origin.url });
  const member = await world.addMember();
  assert.equal((await ask(member, { host })).status, 200);
  assert.equal(world.origin.take().length, 1);
});

test("while the authority cannot be asked, nothing is let through beyond the bound", async () => {
  const member = await believed();
  await edge.fail({ "worker.DIRECTORY.*": { fault: "fail" } });
  await bound();
  await refusedNow(member, 503);
  await edge.fail({});
  assert.equal((await ask(member)).status, 200);
  await edge.fail({ "worker.USE_COUNTER.*": { fault: "fail" } });
  world.origin.take();
  await refusedNow(member, 503);
  await edge.fail({});
});
