// `wrangler dev` as a child process: the Worker as a developer runs it, with a state folder and a secret of its own.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const READY = /Ready on (http:\/\/127\.0\.0\.1:\d+)/;
const LONGEST_START = 120_000;

export class WranglerDev {
  // Starts the server on a free port; `vars` are settings for `wrangler.toml`'s [vars].
  static async start(vars = {}) {
    const folder = await mkdtemp(path.join(tmpdir(), "token-auth-"));
    const server = new WranglerDev(folder, randomBytes(32).toString("hex"));
    try {
      await server.#listen(vars);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  constructor(folder, authSecret) {
    this.folder = folder;
    this.authSecret = authSecret;
    this.output = "";
  }

  async #listen(vars) {
    // In a file that only its owner reads: arguments of a process are visible to everybody on the machine.
    const variables = path.join(this.folder, "variables");
    await writeFile(variables, `AUTH_SECRET=${this.authSecret}\n`, { mode: 0o600 });
    const settings = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
    const control = await this.#controlConfiguration(vars);
    this.child = spawn(
      path.join(ROOT, "node_modules/.bin/wrangler"),
      ["dev", "-c", "wrangler.toml", "-c", control, "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0", "--show-interactive-dev-session=false"]
        .concat(["--persist-to", path.join(this.folder, "state"), "--env-file", variables], settings),
      // A process group of its own, so that everything it starts can be stopped with it.
      { cwd: ROOT, detached: true, stdio: ["ignore", "pipe", "pipe"] },
    );
    this.ended = new Promise((resolve) => this.child.once("close", resolve));
    this.url = await this.#address();
  }

  // What is said on the command line reaches the first Worker only: the other one gets a copy of its file, with its
  // secret and its settings beside it.
  async #controlConfiguration(vars) {
    const folder = path.join(this.folder, "control");
    await mkdir(folder);
    let configuration = await readFile(path.join(ROOT, "control/wrangler.toml"), "utf8");
    const replace = (found, other) => {
      assert.match(configuration, found, "control/wrangler.toml is not what this copy is made of");
      configuration = configuration.replace(found, () => other);
    };
    const absolute = (...names) => JSON.stringify(path.join(ROOT, ...names));
    replace(/^main = .*$/m, `main = ${absolute("control/build/index.js")}`);
    replace(/^directory = .*$/m, `directory = ${absolute("console/dist")}`);
    // It is built already, and there is nothing beside the copy to be watched.
    replace(/^\[build\]\n(?:.*\n)*?\n/m, "");
    const settings = Object.entries({ AUTH_SECRET: this.authSecret, ...vars }).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(path.join(folder, ".dev.vars"), settings.join(""), { mode: 0o600 });
    await writeFile(path.join(folder, "wrangler.toml"), configuration);
    return path.join(folder, "wrangler.toml");
  }

  async #address() {
    let timer;
    const address = new Promise((resolve, reject) => {
      const fail = (reason) => reject(new Error(`${reason}\n${this.output}`));
      timer = setTimeout(() => fail("wrangler dev did not start in time:"), LONGEST_START);
      const read = (chunk) => {
        this.output += chunk;
        const ready = READY.exec(this.output);
        if (ready) resolve(ready[1]);
      };
      this.child.stdout.setEncoding("utf8").on("data", read);
      this.child.stderr.setEncoding("utf8").on("data", read);
      this.child.once("error", (error) => fail(`wrangler dev could not be started (${error.message}):`));
      this.child.once("exit", (code) => fail(`wrangler dev ended with code ${code}:`));
    });
    return address.finally(() => clearTimeout(timer));
  }

  // Stops everything that was started and deletes the state folder.
  async stop() {
    if (this.child?.pid !== undefined) {
      this.#signal("SIGTERM");
      const timer = setTimeout(() => this.#signal("SIGKILL"), 5_000);
      await this.ended;
      clearTimeout(timer);
      // What outlived its parent, should there be anything.
      this.#signal("SIGKILL");
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  #signal(signal) {
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // The group is gone.
    }
  }
}
