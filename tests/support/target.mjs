// An installation that bad input is thrown at, and the proof that none of it had an effect.

import assert from "node:assert/strict";
import { after } from "node:test";

import { startWorker } from "./harness.mjs";
import { Installation, granted } from "./installation.mjs";

export const IDENTITIES = "/api/v1/identities";
export const TOKEN_AUTH = "/api/v1/auth/token-auth";

export class Target {
  // Starts a Worker with an identity that must survive the tests of a file unharmed.
  static async start() {
    const worker = await startWorker();
    const installation = await Installation.found(worker);
    const target = new Target(worker, installation, await installation.configured({ accessTokenTTL: 60 }));
    after(() => target.#assertNoDefect());
    return target;
  }

  constructor(worker, installation, identity) {
    Object.assign(this, { worker, installation, identity, url: worker.main.url, api: worker.api });
    this.organizationId = installation.organizationId;
    this.administrator = installation.administrator;
    this.authorization = { authorization: `Bearer ${installation.administrator}` };
    this.configuration = `${TOKEN_AUTH}/identities/${identity}`;
  }

  // Nothing has been created but by the tests' own ways, and nothing has happened to what was there before.
  async assertUnchanged() {
    const bearer = this.administrator;
    const path = `${IDENTITIES}?orgId=${this.organizationId}`;
    const { identities } = granted(await this.api.call("GET", path, { bearer }));
    const names = new Set(identities.map(({ identity: { name } }) => name));
    assert.deepEqual([...names].sort(), ["Instance Admin Identity", "build-server"]);
    const shown = granted(await this.api.call("GET", this.configuration, { bearer })).identityTokenAuth;
    assert.equal(shown.accessTokenTTL, 60);
  }

  // Bad input is no defect of the program, and its log must not call it one.
  #assertNoDefect() {
    const defects = this.worker.logs.filter((line) => /"(panic|storage|internal)"|exception|Error:/.test(line));
    assert.deepEqual(defects, []);
  }
}
