// The gateway on workerd, an origin behind it, and a client that sends what it is told to.

import assert from "node:assert/strict";
import { request } from "node:http";
import { after } from "node:test";

import { HOST } from "./bearers.mjs";
import { startWorker } from "./harness.mjs";
import { Installation, granted, only } from "./installation.mjs";
import { Origin } from "./origin.mjs";
import { ProtectedProject } from "./protected_project.mjs";
import { eventually } from "./waiting.mjs";

export { HOST } from "./bearers.mjs";
// Where the tests' clients are, unless they say otherwise.
export const CLIENT = "203.0.113.9";

const LIMIT = 100_000;

// What an origin is told about the bearer by name, besides the assertion.
export const IDENTITY = [
  "token-auth-identity-id",
  "token-auth-identity-name",
  "token-auth-token-id",
  "token-auth-role",
  "token-auth-project",
  "token-auth-project-roles",
];

export class GatewayWorld {
  // Starts a Worker with a route for `HOST` to an origin, and stops both after the tests of the file.
  //   origin   how the origin behaves; see origin.mjs
  //   route    fields of the route
  // Everything else is for the Worker.
  static async start({ origin = {}, route = {}, vars = {}, ...worker } = {}) {
    const world = new GatewayWorld();
    world.origin = await Origin.start(origin);
    after(() => world.origin.stop());
    world.worker = await startWorker({ ...worker, vars: { ALLOW_LOOPBACK_ORIGINS: "true", ...vars } });
    world.installation = await Installation.found(world.worker);
    world.project = await ProtectedProject.create(world.installation, {
      host: HOST,
      route: { origin: world.origin.url, ...route },
    });
    return world;
  }

  // A port of this machine at which nobody listens.
  static async closedPort() {
    const nobody = await Origin.start();
    const { port } = nobody;
    await nobody.stop();
    return port;
  }

  // Sends a request to the gateway; see `send`.
  ask(options = {}) {
    return send(this.worker.main.url, options);
  }

  // Sends a request that must be refused: with this status and code, without any contact to the origin, and without
  // consuming a use of `bearer`, which is a member.
  async refused(status, code, { bearer, ...options }) {
    const before = bearer && (await this.uses(bearer));
    const answer = await this.ask({ token: bearer?.token, ...options });
    assert.equal(answer.status, status, answer.text);
    if (code !== undefined) assert.equal(JSON.parse(answer.text).code, code, answer.text);
    assert.deepEqual(this.origin.take(), [], "the origin has seen something");
    if (bearer) assert.equal(await this.uses(bearer), before, "a use has been consumed");
    return answer;
  }

  // How often the token of `addMember` has been used, as its counter says now, looks like this one left out.
  async uses(bearer) {
    const { usesRemaining } = granted(await this.worker.api.validate(bearer.token, bearer.from ?? CLIENT));
    bearer.looks = (bearer.looks ?? 0) + 1;
    return bearer.limit - usesRemaining - bearer.looks;
  }

  // Waits until a token of any kind has been used so often as the operator sees it, which is a moment later.
  async usedUp({ id }, uses) {
    const seen = async () => (await this.installation.view(id)).accessTokenNumUses;
    await eventually(`${uses} uses`, async () => (await seen()) === uses);
  }

  // A member whose uses are counted, and limited more than any test needs. `from` is the only address it may be used from.
  async addMember(role = "member", { from } = {}) {
    const configuration = { accessTokenNumUsesLimit: LIMIT, ...(from && only(from)) };
    return { ...(await this.project.member(role, configuration)), limit: LIMIT, from };
  }

  async setRoles(identity, ...roles) {
    const { api, administrator } = this.installation;
    const path = `/api/v1/projects/${this.project.id}/memberships/identities/${identity}`;
    const json = { roles: roles.map((role) => ({ role })) };
    granted(await api.call("PATCH", path, { bearer: administrator, json }));
  }

  async removeMember(identity) {
    const { api, administrator } = this.installation;
    const path = `/api/v1/projects/${this.project.id}/memberships/identities/${identity}`;
    granted(await api.call("DELETE", path, { bearer: administrator }));
  }
}

// An answer as it came: `headers` are pairs with names in lower case, none joined.
class RawAnswer {
  constructor(status, reason, headers, body) {
    Object.assign(this, { status, reason, headers, body });
  }

  get text() {
    return this.body.toString("utf8");
  }

  all(name) {
    return this.headers.filter(([present]) => present === name).map(([, value]) => value);
  }

  header(name) {
    return this.all(name)[0];
  }
}

// Sends a request as it is, over a connection of its own or of `agent`. `headers` are pairs; `body` is a text or bytes,
// sent with its length, or an array of parts, sent chunked.
export function send(url, { method = "GET", path = "/items", host = HOST, token, from = CLIENT, headers = [], body, agent = false } = {}) {
  const lines = [["host", host]];
  if (token !== undefined) lines.push(["authorization", `Bearer ${token}`]);
  // In production the network sets this header.
  if (from !== undefined) lines.push(["cf-connecting-ip", from]);
  lines.push(...headers);
  const parts = Array.isArray(body) ? body : undefined;
  if (body !== undefined && !parts) lines.push(["content-length", `${Buffer.byteLength(body)}`]);
  if (parts) lines.push(["transfer-encoding", "chunked"]);
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path, headers: lines.flat(), setHost: false, agent });
    sent.on("response", (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve(answerOf(response, Buffer.concat(chunks))));
    });
    sent.on("error", reject);
    sent.setTimeout(60_000, () => sent.destroy(new Error(`${method} ${path}: no answer in time`)));
    for (const part of parts ?? []) sent.write(part);
    sent.end(parts ? undefined : body);
  });
}

// An answer of node's.
export function answerOf(response, body = Buffer.alloc(0)) {
  const headers = [];
  for (let index = 0; index < response.rawHeaders.length; index += 2) {
    headers.push([response.rawHeaders[index].toLowerCase(), response.rawHeaders[index + 1]]);
  }
  return new RawAnswer(response.statusCode, response.statusMessage, headers, body);
}
