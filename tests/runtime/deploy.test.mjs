// `make deploy`, in a copy of its scripts, against a wrangler that writes down what it is asked and answers as it was seen
// to answer. What the platform does with a deployment is not shown here.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ID = "0123456789abcdef0123456789abcdef";
const PLACEHOLDER = "0".repeat(32);
const FILES = ["wrangler.toml", "control/wrangler.toml"];

// What wrangler prints, word for word where the script reads it.
const WRANGLER = `#!/usr/bin/env bash
printf '%s\\n' "$*" >>calls
case "$*" in
whoami) [[ ! -e logged-out ]] ;;
"kv namespace list")
  echo "Listing namespaces"
  if [[ -e created ]]; then
    echo '[{"id":"ffffffffffffffffffffffffffffffff","title":"another"},{"id":"${ID}","title":"token-auth-TOKENS"}]'
  else
    echo '[{"id":"ffffffffffffffffffffffffffffffff","title":"another"}]'
  fi ;;
"kv namespace create token-auth-TOKENS") touch created ;;
"deploy --config control/wrangler.toml "*) [[ ! -e control-fails ]] && echo "Uploaded token-auth-control" ;;
"deploy --config wrangler.toml "*) echo "Deployed token-auth-edge triggers"; echo "  https://token-auth-edge.example.workers.dev" ;;
*) echo "not recorded: $*" >&2; exit 9 ;;
esac
`;

const asked = [];
const edge = createServer((request, response) => {
  asked.push(request.url);
  response.end('{"message":"Ok"}');
});
await new Promise((resolve) => edge.listen(0, "127.0.0.1", resolve));
after(() => edge.close());

class Checkout {
  static async make(context) {
    const folder = await mkdtemp(path.join(tmpdir(), "token-auth-deploy-"));
    context.after(() => rm(folder, { recursive: true, force: true }));
    for (const file of ["scripts/deploy.sh", "scripts/environment.sh", ...FILES]) {
      await cp(path.join(ROOT, file), path.join(folder, file));
    }
    await mkdir(path.join(folder, "node_modules/.bin"), { recursive: true });
    await writeFile(path.join(folder, "node_modules/.bin/wrangler"), WRANGLER, { mode: 0o755 });
    for (const step of ["setup", "build"]) await writeFile(path.join(folder, `scripts/${step}.sh`), `echo ${step} >>steps\n`);
    return new Checkout(folder);
  }

  constructor(folder) {
    this.folder = folder;
  }

  deploy(variables = {}) {
    const env = { ...process.env, URL: `http://127.0.0.1:${edge.address().port}`, ...variables };
    return new Promise((resolve) => {
      execFile("bash", ["scripts/deploy.sh"], { cwd: this.folder, env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });
  }

  async read(name) {
    return readFile(path.join(this.folder, name), "utf8").catch(() => "");
  }

  async touch(name) {
    await writeFile(path.join(this.folder, name), "");
  }

  async calls() {
    return (await this.read("calls")).split("\n").filter((line) => line !== "");
  }

  // Every file that a deployment may write.
  async state() {
    return Promise.all([...FILES, ".deploy.vars"].map((name) => this.read(name)));
  }
}

test("a first deployment creates the namespace, makes the secret, and deploys control before the edge", async (context) => {
  const checkout = await Checkout.make(context);
  const { code, output } = await checkout.deploy();
  assert.equal(code, 0, output);
  assert.deepEqual(await checkout.calls(), [
    "whoami",
    "kv namespace list",
    "kv namespace create token-auth-TOKENS",
    "kv namespace list",
    "deploy --config control/wrangler.toml --secrets-file .deploy.vars",
    "deploy --config wrangler.toml --secrets-file .deploy.vars",
  ]);
  for (const file of FILES) {
    const text = await checkout.read(file);
    assert.ok(text.includes(`id = "${ID}"`) && !text.includes(PLACEHOLDER), file);
  }
  const secrets = await checkout.read(".deploy.vars");
  assert.match(secrets, /^AUTH_SECRET=[0-9a-f]{64}\n$/);
  assert.equal((await stat(path.join(checkout.folder, ".deploy.vars"))).mode & 0o777, 0o600);
  assert.ok(!output.includes(secrets.trim().split("=")[1]), "the secret is shown");
  assert.equal(asked.at(-1), "/api/status");
  assert.match(output, /What to do next/);
});

test("a second deployment keeps the namespace and the secret", async (context) => {
  const checkout = await Checkout.make(context);
  await checkout.deploy();
  const [before, first] = [await checkout.state(), (await checkout.calls()).length];
  const { code, output } = await checkout.deploy();
  assert.equal(code, 0, output);
  assert.deepEqual(await checkout.state(), before);
  assert.deepEqual((await checkout.calls()).slice(first).map((call) => call.split(" ")[0]), ["whoami", "deploy", "deploy"]);
});

test("after a first deployment one line names the console's host in both files, and the next deployment says where it is", async (context) => {
  const checkout = await Checkout.make(context);
  const { output } = await checkout.deploy();
  const [command] = /sed -i .*(?= && make deploy)/.exec(output);
  await promisify(execFile)("bash", ["-c", command], { cwd: checkout.folder });
  for (const file of FILES) assert.match(await checkout.read(file), /^CONTROL_HOSTS = "127\.0\.0\.1"$/m, file);
  const again = await checkout.deploy();
  assert.equal(again.code, 0, again.output);
  assert.match(again.output, /Open the console at http:\/\/127\.0\.0\.1:\d+\/console\/ and sign in/);
  assert.doesNotMatch(again.output, /sed -i/);
});

test("who is not logged in is told so, and nothing is changed", async (context) => {
  const checkout = await Checkout.make(context);
  await checkout.touch("logged-out");
  const before = await checkout.state();
  const { code, output } = await checkout.deploy();
  assert.equal(code, 1);
  assert.match(output, /wrangler is not logged in/);
  assert.deepEqual(await checkout.state(), before);
  assert.deepEqual(await checkout.calls(), ["whoami"]);
});

test("a control Worker that cannot be deployed keeps the edge from being deployed", async (context) => {
  const checkout = await Checkout.make(context);
  await checkout.touch("control-fails");
  const { code } = await checkout.deploy();
  assert.notEqual(code, 0);
  assert.ok((await checkout.calls()).every((call) => !call.startsWith("deploy --config wrangler.toml")));
});

test("a file of secrets without AUTH_SECRET is refused before anything is deployed", async (context) => {
  const checkout = await Checkout.make(context);
  await writeFile(path.join(checkout.folder, ".deploy.vars"), "FORWARD_AUTH_SECRET=x\n");
  const { code, output } = await checkout.deploy();
  assert.equal(code, 1);
  assert.match(output, /holds no AUTH_SECRET/);
  assert.ok((await checkout.calls()).every((call) => !call.startsWith("deploy")));
});
