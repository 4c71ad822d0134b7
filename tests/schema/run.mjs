// Lets schemathesis loose on the real Worker: on one that nobody has bootstrapped, with a token, as an operator in the
// console, and without any of it.
// It fails when schemathesis finds an answer that openapi.json does not describe, when an operation that needs a bearer
// grants something without one, and when an operation was never granted anything, so that its answers were never seen.

import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { AccessTeam, now } from "../support/access_team.mjs";
import { Harness, newSecret } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = path.join(ROOT, "tests/schema");
const DOCUMENT = path.join(ROOT, "openapi.json");
const [program] = process.argv.slice(2);

const scratch = await mkdtemp(path.join(tmpdir(), "schema-"));
const failures = [];
const totals = { cases: 0 };

// Runs schemathesis; the counts by operation id and status.
async function attack(name, target, options) {
  const counts = path.join(scratch, `${name}.json`);
  const started = Date.now();
  const child = spawn(
    program,
    ["--no-color", "--config-file", path.join(FOLDER, "schemathesis.toml"), "run", DOCUMENT, "--url", target.url, ...options],
    {
      stdio: "inherit",
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: "hooks",
        PYTHONPATH: FOLDER,
        PYTHONDONTWRITEBYTECODE: "1",
        TARGET: JSON.stringify(target),
        COUNTS: counts,
      },
      cwd: scratch,
    },
  );
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) failures.push(`schemathesis found something ${name} (exit code ${code})`);
  const found = JSON.parse(await readFile(counts, "utf8"));
  const cases = Object.values(found).flatMap((statuses) => Object.values(statuses));
  const sum = cases.reduce((total, count) => total + count, 0);
  totals.cases += sum;
  console.log(`schema, ${name}: ${sum} cases in ${Math.round((Date.now() - started) / 1000)} s`);
  return found;
}

// It ends with this program.
const team = await AccessTeam.start({ after() {} });

async function withWorker(act) {
  const worker = new Harness({ vars: { FORWARD_AUTH_SECRET: newSecret(), CONSOLE_SIGN_IN_CODES: "true", ...team.vars } });
  try {
    await worker.start();
    return await act(worker);
  } finally {
    await worker.stop();
  }
}

const url = (worker) => worker.main.url.href.replace(/\/$/, "");
// What is shown by other means than a bearer: a cookie, a secret, what Cloudflare Access says.
const IN_CONSOLE = [
  "createConsoleSignInCode",
  "signInToConsole",
  "signInToConsoleByAccess",
  "getConsoleSession",
  "signOutOfConsole",
  "signOutOfConsoleEverywhere",
];
const each = (option, ids) => ids.flatMap((id) => [option, id]);
const header = (name, value) => ["--header", `${name}: ${value}`];

const first = await withWorker((worker) =>
  attack("before bootstrap", { url: url(worker), token: "" }, [
    ...header("Authorization", `Bearer ${worker.authSecret}`),
    "--include-operation-id",
    "adminBootstrap",
  ]),
);

const [withToken, without] = await withWorker(async (worker) => {
  const installation = await Installation.found(worker);
  const { administrator, organizationId } = installation;
  const ada = await installation.identity({ name: "ada" });
  const json = { accessSubject: "ada@example.com" };
  await worker.api.call("PUT", `/api/v1/console/identities/${ada}/access-subject`, { bearer: administrator, json });
  const target = {
    url: url(worker),
    token: administrator,
    organization: organizationId,
    proxySecret: worker.vars.FORWARD_AUTH_SECRET,
  };
  const bearer = header("Authorization", `Bearer ${administrator}`);
  const asAdministrator = {
    ...(await attack("with a token", target, [...bearer, "--exclude-deprecated", ...each("--exclude-operation-id", ["adminBootstrap", ...IN_CONSOLE])])),
    // They do the same as the newer paths: a few cases show that they are as described.
    ...(await attack("with a token, older paths", target, [
      ...bearer,
      ...["--include-by", "/deprecated == true", "--phases", "examples,fuzzing", "--max-examples", "8"],
    ])),
  };
  const inConsole = { ...target, authSecret: worker.authSecret, assertion: team.assertion({ claims: { exp: now() + 3_600 } }) };
  const asOperator = await attack("in the console", inConsole, each("--include-operation-id", IN_CONSOLE));
  const asNobody = await attack("without a token", { ...target, token: "" }, ["--phases", "examples,fuzzing", "--max-examples", "3"]);
  return [{ ...asAdministrator, ...asOperator }, asNobody];
});
await rm(scratch, { recursive: true, force: true });

const document = JSON.parse(await readFile(DOCUMENT, "utf8"));
const operations = Object.values(document.paths).flatMap((item) => Object.values(item));
let granted = 0;
for (const { operationId, security } of operations) {
  const needsNothing = security.length === 0 || security.some((one) => Object.keys(one).length === 0);
  const forNothing = (without[operationId] ?? {})[200] ?? 0;
  const seen = ((withToken[operationId] ?? first[operationId] ?? {})[200] ?? 0) + (needsNothing ? forNothing : 0);
  granted += seen;
  if (seen === 0) failures.push(`${operationId} was never answered 200: give it what it needs in tests/schema/hooks.py`);
  if (!needsNothing && forNothing > 0) failures.push(`${operationId} was answered 200 without a bearer`);
  console.log(`  ${operationId}: ${JSON.stringify(withToken[operationId] ?? first[operationId])}`);
}
console.log(`schema: ${totals.cases} cases on ${operations.length} operations, ${granted} of them granted.`);
for (const failure of failures) console.error(`error: ${failure}`);
process.exit(failures.length === 0 ? 0 : 1);
