// The two Workers with the console in front of them, as an operator meets them: an organization, its administrator, and
// what a test puts there. Nothing here is a stand-in: the files are those of `npm run build`.

import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";

import { files } from "../../../tests/support/files.mjs";
import { startWorker } from "../../../tests/support/harness.mjs";
import { Installation } from "../../../tests/support/installation.mjs";

const DIRECTORY = /-Directory\/[0-9a-f]+\.sqlite$/;
const DIST = fileURLToPath(new URL("../../dist", import.meta.url));

export class World {
  static async start({ context, ...options } = {}) {
    const harness = await startWorker({ assets: DIST, ...options }, context);
    const world = new World();
    world.harness = harness;
    world.installation = await Installation.found(harness);
    return world;
  }

  // The name that a browser goes to, where it is not the address itself.
  host;

  // Where it is reached by its address.
  get entrance() {
    return new URL(this.harness.entrance).origin;
  }

  // Where a browser goes.
  get url() {
    const { protocol, hostname, port } = new URL(this.entrance);
    return `${protocol}//${this.host ?? hostname}:${port}`;
  }

  get administrator() {
    return this.installation.administrator;
  }

  // Asks the API as the administrator; whatever is refused fails the test.
  async ask(method, target, json) {
    const answer = await this.harness.api.call(method, target, { bearer: this.administrator, json });
    if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  // What a workload does with its token.
  validate(token) {
    return this.harness.api.call("GET", "/validate", { bearer: token, from: "127.0.0.1" });
  }

  async identity(name, about = {}) {
    const organizationId = this.installation.organizationId;
    return (await this.ask("POST", "/api/v1/identities", { name, organizationId, ...about })).identity.id;
  }

  async tokenAuth(identity, configuration = {}) {
    return this.ask("POST", `/api/v1/auth/token-auth/identities/${identity}`, configuration);
  }

  async token(identity, name) {
    return this.ask("POST", `/api/v1/auth/token-auth/identities/${identity}/tokens`, { name });
  }

  // How often a token has been used, as an operator is told.
  async uses(tokenId) {
    return (await this.ask("GET", `/api/v1/auth/token-auth/tokens/${tokenId}`)).token.accessTokenNumUses;
  }

  async project(projectName, slug) {
    return (await this.ask("POST", "/api/v1/projects", { projectName, slug })).project.id;
  }

  // Gives an identity as many tokens as no test could wait for: the authority's table is filled while it is stopped, with
  // copies of a token it has.
  async copyToken(tokenId, copies) {
    await this.harness.restart(async () => {
      for (const file of await files(this.harness.stateFolder)) if (DIRECTORY.test(file)) fill(file, tokenId, copies);
    });
  }
}

function fill(file, tokenId, copies) {
  const database = new DatabaseSync(file);
  try {
    const columns = database.prepare("SELECT name FROM pragma_table_info('access_tokens')").all().map(({ name }) => name);
    const value = { id: "substr(id, 1, 24) || printf('%012d', n)", digest: "randomblob(32)", name: "'copy ' || n", updated_at: "updated_at - n" };
    database
      .prepare(
        `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
         INSERT INTO access_tokens (${columns.join(", ")})
         SELECT ${columns.map((column) => value[column] ?? column).join(", ")} FROM access_tokens, numbers WHERE id = ?`,
      )
      .run(copies, tokenId);
  } finally {
    database.close();
  }
}
