// CONTROL_HOSTS: the hosts that are named serve the control plane, every other one the origins behind the gateway.

import assert from "node:assert/strict";
import { test } from "node:test";

import { GatewayWorld, HOST } from "../support/gateway_world.mjs";

const CONTROL = "127.0.0.1";
const world = await GatewayWorld.start({ vars: { CONTROL_HOSTS: CONTROL } });
const member = await world.addMember();

const OWN = ["/api/v1/identities/details", "/healthz", "/validate", "/.well-known/jwks.json", "/api", "/api/v1/admin/bootstrap", "/console", "/console/"];

test("at a control host the paths are ours, and no other path is anybody's", async () => {
  for (const path of ["/healthz", "/validate", "/.well-known/jwks.json"]) {
    assert.equal((await world.ask({ token: member.token, host: CONTROL, path })).status, 200, path);
  }
  for (const path of ["/", "/items", "/consoles", "/authz"]) {
    await world.refused(404, "not_found", { bearer: member, host: CONTROL, path });
  }
});

test("a control host with a dot behind is the same host", async () => {
  for (const host of [`${CONTROL}.`, `${CONTROL}.:8787`]) {
    assert.equal((await world.ask({ token: member.token, host, path: "/validate" })).status, 200, host);
    await world.refused(404, "not_found", { bearer: member, host, path: "/items" });
  }
});

test("at any other host the same paths are the origin's", async () => {
  for (const path of OWN) {
    const answer = await world.ask({ token: member.token, path });
    assert.deepEqual([answer.status, answer.text], [200, "origin"], path);
    assert.deepEqual(world.origin.take().map(({ target }) => target), [path]);
  }
  for (const path of OWN) await world.refused(401, "missing_token", { path });
});

test("a host that no route is for serves nothing, whatever is asked of it", async () => {
  for (const path of OWN) await world.refused(421, "host_unknown", { bearer: member, host: "other.example.com", path });
  for (const host of [`${CONTROL}..`, `a.${CONTROL}`, `${HOST}@${CONTROL}`]) {
    const answer = await world.ask({ token: member.token, host, path: "/api/v1/identities/details" });
    assert.ok([400, 421].includes(answer.status), `${host}: ${answer.status}`);
  }
  assert.deepEqual(world.origin.take(), []);
});

test("no route can be made that leads to a control host", async () => {
  const { api, administrator } = world.installation;
  const path = `/api/v1/projects/${world.project.id}/routes`;
  for (const json of [
    { host: CONTROL, pathPrefix: "/" },
    { host: `${CONTROL}.`, pathPrefix: "/" },
    { host: "x.example.com", pathPrefix: "/", origin: "https://127.0.0.1.example.com@127.0.0.1" },
  ]) {
    const answer = await api.call("POST", path, { bearer: administrator, json });
    assert.ok([400, 422].includes(answer.status), `${answer.status} ${answer.text}`);
  }
});
