// A Worker on workerd with TLS in front, an origin, and tokens of every kind. Proxies stand between.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { HOST, admitVisitors, bearers, usesOf } from "../../support/bearers.mjs";
import { Harness, newSecret } from "../../support/harness.mjs";
import { Installation } from "../../support/installation.mjs";
import { Origin } from "../../support/origin.mjs";
import { ProtectedProject } from "../../support/protected_project.mjs";
import { Front, makeCertificate } from "./front.mjs";

export { HOST };

export class World {
  // `vars` are further settings, `limiters` the rate limiters that are bound (none unless they are given).
  static async start({ vars = {}, limiters } = {}) {
    const world = new World();
    world.secret = newSecret();
    world.folder = await mkdtemp(path.join(tmpdir(), "token-auth-proxies-"));
    world.worker = new Harness({ watched: true, limiters, vars: { FORWARD_AUTH_SECRET: world.secret, ...vars } });
    await world.worker.start();
    world.installation = await Installation.found(world.worker);
    world.project = await ProtectedProject.create(world.installation, { host: HOST });
    await admitVisitors(world.project);
    world.client = await world.installation.client();
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

  // Tokens for one proxy's turn.
  tokens() {
    return bearers(this.project, this.worker);
  }

  uses(bearer) {
    return usesOf(this.worker, bearer);
  }
}
