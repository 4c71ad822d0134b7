// Starts both Workers on workerd as wrangler would, with KV and Durable Objects on disk in a folder of its own.
//
// Each isolate of the edge is a Worker of its own with the same program, listening on its own loopback port; the control
// Worker, with the Durable Objects, is there once and reached through each of them. miniflare is the one that wrangler brings, because wrangler's own test harness can neither
// choose the folder nor survive the death of the runtime.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { Api } from "./api.mjs";
import { eventually } from "./waiting.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SUPPORT = path.join(ROOT, "tests/support");
const KV_ID = "tokens";
const CONTROL = "token-auth-control";
// The same as in wrangler.toml.
const COMPATIBILITY = { compatibilityDate: "2026-10-01", compatibilityFlags: ["global_fetch_strictly_public"] };
const DEVELOPMENT = { rootPath: ROOT, unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] };
const WRANGLER = createRequire(import.meta.url).resolve("wrangler");
const { Log, LogLevel, Miniflare } = await import(pathToFileURL(createRequire(WRANGLER).resolve("miniflare")).href);

// Starts a Worker and stops it after the test whose context is given, or after all tests of the file.
//   build     the folders of the programs: "build", or "build-test" with its test hooks
//   watched   whether bindings count and can be made to fail (faults.mjs)
//   isolates  names of the edge's isolates
//   vars      settings beside AUTH_SECRET
//   besides   other Workers in the same runtime: names, and the text of their only module
//   assets    a folder with the console's files, for the control Worker; without it there is no console
//   https     whether the way in is over https, with a certificate that nobody knows
//   limiters  rate limiters, by the name of their binding: { limit, period }; without them nothing is limited
export async function startWorker(options = {}, context = { after }) {
  const harness = new Harness(options);
  context.after(() => harness.stop());
  await harness.start();
  return harness;
}

export class Harness {
  #options;
  #miniflare;
  #restarted = () => {};

  constructor({
    build = "build",
    watched = false,
    isolates = ["main"],
    vars = {},
    limiters = {},
    besides = {},
    assets,
    https = false,
  } = {}) {
    this.#options = { build, watched, isolates, limiters, besides, assets, https };
    // These may be changed; it takes effect with the next start.
    this.vars = { AUTH_SECRET: newSecret(), ...vars };
    // They stay the same when the Worker is started again, on other ports and with nothing in memory.
    this.control = new Isolate();
    this.isolates = Object.fromEntries(isolates.map((name) => [name, new Isolate()]));
    // A fault of the first one's bindings is one of the control Worker and of the objects as well.
    this.main.besides = [this.control];
    // Everything that the program and its runtime have written to their logs.
    this.logs = [];
    // Where the other Workers listen.
    this.besides = {};
  }

  async start() {
    this.folder ??= await mkdtemp(path.join(tmpdir(), "token-auth-"));
    const { isolates, besides } = this.#options;
    const { build } = this.#options;
    const edge = await this.#modules(build, "edge");
    const control = await this.#modules(path.join("control", build), "control");
    this.#miniflare = new Miniflare({
      host: "127.0.0.1",
      port: 0,
      https: this.#options.https,
      cf: false,
      telemetry: { enabled: false },
      resourcePersistencePath: this.stateFolder,
      log: new CapturedLog(this.logs),
      handleStructuredLogs: ({ level, message }) => this.logs.push(`${level} ${message}`),
      unsafeHandleRuntimeRestart: () => this.#restarted(),
      workers: [
        ...isolates.map((name) => this.#worker(name, edge)),
        this.#worker(CONTROL, control),
        ...Object.entries(besides).map(([name, text]) => this.#other(name, text)),
      ],
    });
    // The way in that `wrangler dev` has as well: in front of the first isolate, and it says from where a request comes.
    this.entrance = await this.#miniflare.ready;
    for (const name of isolates) this.isolates[name].api.url = await this.#miniflare.unsafeGetDirectURL(name);
    this.control.api.url = await this.#miniflare.unsafeGetDirectURL(CONTROL);
    for (const name of Object.keys(besides)) this.besides[name] = await this.#miniflare.unsafeGetDirectURL(name);
  }

  get main() {
    return this.isolates[this.#options.isolates[0]];
  }

  get api() {
    return this.main.api;
  }

  get authSecret() {
    return this.vars.AUTH_SECRET;
  }

  get stateFolder() {
    return path.join(this.folder, "state");
  }

  async #modules(build, which) {
    const { watched } = this.#options;
    const read = (folder, name) => readFile(path.join(ROOT, folder, name));
    const esm = async (folder, name) => ({ type: "esm", contents: (await read(folder, name)).toString() });
    const wasm = async (folder, name) => ({ type: "wasm", contents: await read(folder, name) });
    const [program, machineCode] = [await esm(build, "index.js"), await wasm(build, "index_bg.wasm")];
    if (!watched) {
      return { mainModule: "index.js", modules: { "index.js": program, "index_bg.wasm": machineCode } };
    }
    return {
      mainModule: `watched_${which}.mjs`,
      modules: {
        [`watched_${which}.mjs`]: await esm("tests/support", `watched_${which}.mjs`),
        "faults.mjs": await esm("tests/support", "faults.mjs"),
        "program/index.js": program,
        "program/index_bg.wasm": machineCode,
      },
    };
  }

  #worker(name, modules) {
    const settings = Object.entries(this.vars).map(([setting, value]) => [setting, { type: "text", value: `${value}` }]);
    const limiters = Object.entries(this.#options.limiters).map(([limiter, simple]) => [
      limiter,
      { type: "rate-limit", namespace: limiter, simple },
    ]);
    const object = (exportName) => ({ type: "durable-object", worker: CONTROL, exportName });
    const isControl = name === CONTROL;
    const { assets } = this.#options;
    return {
      config: {
        name,
        ...COMPATIBILITY,
        manifest: { modulesRoot: SUPPORT, ...modules },
        env: {
          ...Object.fromEntries([...settings, ...limiters]),
          TOKENS: { type: "kv", id: KV_ID },
          DIRECTORY: object("Directory"),
          USE_COUNTER: object("UseCounter"),
          ...(isControl ? {} : { CONTROL: { type: "worker", worker: CONTROL } }),
          ...(isControl && assets !== undefined ? { ASSETS: { type: "assets" } } : {}),
        },
        // The same as in control/wrangler.toml.
        ...(isControl && assets !== undefined
          ? {
              assets: {
                directory: assets,
                htmlHandling: "none",
                notFoundHandling: "none",
                runWorkerFirst: true,
                hasUserWorker: true,
              },
            }
          : {}),
        exports:
          isControl
            ? {
                Directory: { type: "durable-object", storage: "sqlite" },
                UseCounter: { type: "durable-object", storage: "sqlite" },
              }
            : {},
      },
      dev: DEVELOPMENT,
    };
  }

  #other(name, text) {
    const modules = { "other.mjs": { type: "esm", contents: text } };
    const manifest = { modulesRoot: SUPPORT, mainModule: "other.mjs", modules };
    return { config: { name, ...COMPATIBILITY, manifest }, dev: DEVELOPMENT };
  }

  // What the replica holds, with its own methods: get, put, list, delete.
  get store() {
    return this.#miniflare.getKVNamespace("TOKENS", this.#options.isolates[0]);
  }

  // The ids of the runtime's processes.
  processes() {
    return childProcesses("workerd");
  }

  // Kills the runtime as a crash would, and waits until it runs again on the same folder and ports.
  async crash() {
    let restarted = false;
    this.#restarted = () => (restarted = true);
    for (const pid of await this.processes()) process.kill(pid, "SIGKILL");
    await eventually("the runtime running again", () => restarted);
  }

  // Stops in an orderly way, lets `whileStopped` do what it likes with the folder, and starts again.
  async restart(whileStopped = async () => {}) {
    await this.#miniflare.dispose();
    await whileStopped();
    await this.start();
  }

  async stop() {
    await this.#miniflare?.dispose();
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}

// A value for AUTH_SECRET.
export function newSecret() {
  return randomBytes(32).toString("hex");
}

// One isolate: its own memory, its own address, and its own faults, which a restart ends.
class Isolate {
  api = new Api("http://127.0.0.1");
  // Others that are controlled with this one.
  besides = [];

  get url() {
    return this.api.url;
  }

  // Sets the faults of this isolate's bindings; see faults.mjs.
  async fail(rules) {
    await this.#control({ rules });
  }

  // From now on KV, as this isolate sees it, does not change any more. Takes other rules along.
  async freezeReplica(rules = {}) {
    await this.#control({ snapshot: true, rules: { ...rules, "worker.TOKENS.get": { fault: "snapshot" } } });
  }

  async resetCounts() {
    await this.#control({ resetCounts: true });
  }

  // How often each operation was asked for since the last reset.
  async counts() {
    return await this.#control({});
  }

  // What the Workers asked for. Not what the objects do by themselves a moment after earlier calls, as reporting uses.
  async lookUps() {
    const asked = ([name]) => name.startsWith("worker.") && name !== "worker.USE_COUNTER.add";
    return Object.fromEntries(Object.entries(await this.counts()).filter(asked));
  }

  async #control(message) {
    const counted = await Promise.all([this, ...this.besides].map((isolate) => isolate.#controlOne(message)));
    const total = {};
    for (const counts of counted) for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
    return total;
  }

  async #controlOne(message) {
    const answer = await this.api.call("POST", "/__control", { json: message });
    if (answer.status !== 200) throw new Error(`the control route answered ${answer.status}: ${answer.text}`);
    return answer.body.counts;
  }
}

class CapturedLog extends Log {
  #lines;

  constructor(lines) {
    super(LogLevel.DEBUG);
    this.#lines = lines;
  }

  log(message) {
    this.#lines.push(message);
  }
}

// This process's own children that run `program`.
async function childProcesses(program) {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,comm="]);
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === process.pid && path.basename(command ?? "") === program)
    .map(([pid]) => Number(pid));
}
