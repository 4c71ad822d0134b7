// A Worker on workerd with TLS in front, an origin, and tokens of every kind. Proxies stand between.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { Harness, newSecret } from "../../support/harness.mjs";
import { Installation, granted, only } from "../../support/installation.mjs";
import { ProtectedProject } from "../../support/protected_project.mjs";
import { Front, makeCertificate } from "./front.mjs";
import { Origin } from "./origin.mjs";

// More than any run needs. Every use of such a token is counted, so that one too many shows.
const LIMIT = 1_000_000;

// The host of the route.
export const HOST = "api.example.com";
const EVERYTHING = ["read", "create", "edit", "delete"];

export class World {
  static async start() {
    const world = new World();
    world.secret = newSecret();
    world.folder = await mkdtemp(path.join(tmpdir(), "token-auth-proxies-"));
    world.worker = new Harness({ watched: true, vars: { FORWARD_AUTH_SECRET: world.secret } });
    await world.worker.start();
    world.installation = await Installation.found(world.worker);
    world.project = await ProtectedProject.create(world.installation, { host: HOST });
    await world.project.role("visitor", [
      { subject: "requests", action: EVERYTHING, conditions: { path: { $eq: "/public" } } },
      { subject: "requests", action: EVERYTHING, conditions: { path: { $glob: "/public/**" } } },
    ]);
    world.front = await Front.start(world.worker.main.url, world.folder);
    // Of an authority that has nothing to do with the Worker.
    world.strangersCertificate = path.join(world.folder, "stranger.pem");
    await makeCertificate(path.join(world.folder, "strangers-key.pem"), world.strangersCertificate);
    world.origin = await Origin.start();
    return world;
  }

  async stop() {
    this.front?.stop();
    this.origin?.stop();
    await this.worker?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  // Tokens for one proxy's turn, each with its identity's name.
  async tokens() {
    const { installation, worker } = this;
    const counted = { accessTokenNumUsesLimit: LIMIT };
    const named = { name: "Zoë's build", role: "member" };
    const good = await this.#visitor(counted, named);
    const elsewhere = await this.#visitor({ ...counted, ...only("203.0.113.9") });
    const local = await this.#visitor({ ...counted, ...only("127.0.0.1") });
    const reader = await this.#member("viewer", counted);
    const outsider = await installation.issue(counted);
    const revoked = await this.#visitor();
    await installation.revoke(revoked.id);
    const exhausted = await this.#visitor({ accessTokenNumUsesLimit: 1 });
    granted(await worker.api.validate(exhausted.token));
    const removed = await this.#visitor();
    granted(await worker.api.deleteIdentity(installation.administrator, removed.identity));
    const last = good.token.at(-1);
    const forged = good.token.slice(0, -1) + (last === "0" ? "1" : "0");
    return { good, elsewhere, local, reader, outsider, revoked, exhausted, removed, forged };
  }

  #visitor(configuration, about) {
    return this.#member("visitor", configuration, about);
  }

  async #member(role, configuration = {}, about = {}) {
    const issued = await this.installation.issue(configuration, about);
    await this.project.admit(issued.identity, role);
    const { name = "build-server", role: organizationRole = "no-access" } = about;
    const { identity, id } = issued;
    const expected = {
      "token-auth-identity-id": identity,
      "token-auth-identity-name": encodeURI(name).replaceAll("%20", " "),
      "token-auth-token-id": id,
      "token-auth-role": organizationRole,
      "token-auth-project": this.project.slug,
      "token-auth-project-roles": role,
    };
    // What the origin must be told about the bearer.
    return { ...issued, expected };
  }

  // How often a token has been used, as its counter says. Spends one more.
  async uses({ token }) {
    const { usesRemaining } = granted(await this.worker.api.validate(token, "203.0.113.9"));
    return LIMIT - usesRemaining - 1;
  }
}
