// Which project a request belongs to, through the gateway and for a reverse proxy that asks.

import assert from "node:assert/strict";
import { test } from "node:test";

import { newSecret } from "../support/harness.mjs";
import { granted } from "../support/installation.mjs";
import { Origin, headerOf } from "../support/origin.mjs";
import { CLIENT, GatewayWorld } from "../support/gateway_world.mjs";
import { ProtectedProject } from "../support/protected_project.mjs";
import { eventually } from "../support/waiting.mjs";

const SECRET = newSecret();
const host = "shared.example.com";
const world = await GatewayWorld.start({ vars: { FORWARD_AUTH_SECRET: SECRET } });
const { installation, worker } = world;
const { api, administrator } = installation;
const DELEGATIONS = "/api/v1/organization/route-delegations";

const manage = async (method, path, json, bearer = administrator) => api.call(method, path, { bearer, json });
const delegate = async (project, pathPrefix, more = {}) => {
  const json = { projectId: project.id, host, pathPrefix, ...more };
  return granted(await manage("POST", DELEGATIONS, json)).routeDelegation.id;
};

// The victim's project has /v1 of the host, the attacker's has everything around it.
const victim = world.project;
const attacker = await ProtectedProject.create(installation, { name: "Other", slug: "other-eu", host: "own.example.com" });
await delegate(victim, "/v1");
await delegate(attacker, "/");
await victim.route({ host, pathPrefix: "/v1", origin: world.origin.url });
const evil = await Origin.start();
test.after(() => evil.stop());
const owner = await attacker.member("admin");
const reader = await victim.member("member");

// What the gateway and a proxy make of GET of a path: the status.
const through = async (path, { token }) => {
  const { status } = await world.ask({ host, path, token });
  return status;
};
const asked = async (path, { token }) => {
  const headers = {
    authorization: `Bearer ${token}`,
    "token-auth-proxy-secret": SECRET,
    "x-forwarded-method": "GET",
    "x-forwarded-uri": path,
    "x-forwarded-host": host,
    "x-forwarded-for": CLIENT,
    "token-auth-upgrade": "none",
  };
  return (await fetch(new URL("/authz/caddy", worker.main.url), { headers })).status;
};

test("the administrator of a project claims nothing of what another project has", async () => {
  const routes = `/api/v1/projects/${attacker.id}/routes`;
  for (const pathPrefix of ["/v1", "/V1", "/v1/a"]) {
    const answer = await manage("POST", routes, { host, pathPrefix, origin: evil.url }, owner.token);
    assert.deepEqual([answer.status, answer.body.error], [403, "RouteDelegationMissing"]);
    assert.equal(answer.body.details.routeDelegation.pathPrefix, pathPrefix);
  }
  for (const pathPrefix of ["/", "/v1-internal"]) {
    granted(await manage("POST", routes, { host, pathPrefix, origin: evil.url }, owner.token));
  }
  const decide = { gateway: through, proxy: asked };
  for (const [entry, ask] of Object.entries(decide)) {
    await eventually(`${entry}: the victim's`, async () => (await ask("/v1/items", reader)) === 200);
    await eventually(`${entry}: the attacker's`, async () => (await ask("/other", owner)) === 200);
    assert.equal(await ask("/v1-internal", owner), 200, entry);
    // Nobody has a route for the other spelling, and it is the victim's.
    for (const path of ["/V1/items", "/V1"]) {
      assert.notEqual(await ask(path, owner), 200, `${entry} ${path}`);
      assert.notEqual(await ask(path, reader), 200, `${entry} ${path}`);
    }
    assert.equal(await ask("/v1/items", owner), 403, entry);
  }
  assert.ok(evil.take().every(({ target }) => !target.toLowerCase().startsWith("/v1/")));
});

test("an origin receives no token unless a delegation says so, and none after that is taken back", async () => {
  const routes = `/api/v1/projects/${victim.id}/routes`;
  const keeping = { host: "keep.example.com", pathPrefix: "/", origin: world.origin.url, keepAuthorization: true };
  const chief = await victim.member("admin");
  const refused = await manage("POST", routes, keeping, chief.token);
  assert.equal(refused.body.details.routeDelegation.allowKeepAuthorization, true);
  const { route, delegation } = granted(await manage("POST", routes, keeping));
  assert.equal(delegation.allowKeepAuthorization, true);
  const ask = () => world.ask({ host: keeping.host, path: "/x", token: reader.token });
  world.origin.take();
  await eventually("the route", async () => (await ask()).status === 200);
  assert.equal(headerOf(world.origin.take().at(-1), "authorization"), `Bearer ${reader.token}`);
  const path = `${DELEGATIONS}/${delegation.id}`;
  const used = await manage("DELETE", path);
  assert.deepEqual([used.status, used.body.details.routes[0].id], [409, route.id]);
  const gone = granted(await manage("DELETE", `${path}?force=true`));
  assert.deepEqual(gone.routes.map(({ id, active }) => [id, active]), [[route.id, false]]);
  await eventually("the route is gone", async () => (await ask()).status === 421);
});
