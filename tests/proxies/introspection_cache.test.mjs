// Apache's mod_auth_openidc with its default cache in front of an origin: it keeps no answer of ours, so a revocation and a
// limit on uses reach through it.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Api } from "../support/api.mjs";
import { startWorker } from "../support/harness.mjs";
import { Installation } from "../support/installation.mjs";
import { eventually, until } from "../support/waiting.mjs";

const BOUND = 1_000;
const DEBIAN = fileURLToPath(new URL("../../.tools/proxies/debian/root/usr", import.meta.url));
const MODULES = path.join(DEBIAN, "lib/apache2/modules");
const NEEDED = ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "proxy", "proxy_http"];

const worker = await startWorker({ watched: true, vars: { MAX_STALENESS_SECONDS: `${BOUND / 1000}` } });
const installation = await Installation.found(worker);
const server = await installation.client();
const folder = await mkdtemp(path.join(tmpdir(), "token-auth-apache-"));
after(() => rm(folder, { recursive: true, force: true }));

const listen = (listener) => {
  after(() => listener.close());
  return new Promise((resolve) => listener.listen(0, "127.0.0.1", () => resolve(listener.address().port)));
};
const origin = await listen(
  createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.headers));
  }),
);
const front = await listen(await tlsFront(worker.main.url));

// mod_auth_openidc asks over TLS only.
async function tlsFront({ hostname, port }) {
  const [key, certificate] = ["key.pem", "certificate.pem"].map((name) => path.join(folder, name));
  const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  await promisify(execFile)("openssl", ["req", "-x509", ...options, ...names, "-keyout", key, "-out", certificate]);
  return createTlsServer({ key: await readFile(key), cert: await readFile(certificate) }, (socket) => {
    const inner = connect(Number(port), hostname);
    socket.pipe(inner).pipe(socket);
    for (const [end, other] of [[socket, inner], [inner, socket]]) end.on("error", () => other.destroy());
  });
}

// Starts Apache with these directives beside what it needs, and returns a client of it.
async function startApache(name, ...directives) {
  const port = await freePort();
  const configuration = [
    `ServerRoot ${folder}`,
    `PidFile ${folder}/${name}.pid`,
    "ServerName localhost",
    `Listen 127.0.0.1:${port}`,
    `ErrorLog ${folder}/${name}.log`,
    `DefaultRuntimeDir ${folder}`,
    `Mutex file:${folder} default`,
    ...NEEDED.map((module) => `LoadModule ${module}_module ${MODULES}/mod_${module}.so`),
    `OIDCOAuthIntrospectionEndpoint https://localhost:${front}/oauth2/introspect`,
    "OIDCOAuthIntrospectionEndpointAuth client_secret_basic",
    `OIDCOAuthClientID ${server.clientId}`,
    `OIDCOAuthClientSecret ${server.clientSecret}`,
    `OIDCCABundlePath ${folder}/certificate.pem`,
    "OIDCOAuthRemoteUserClaim sub",
    ...directives,
    "<Location />",
    "AuthType oauth20",
    "Require claim role:no-access",
    "</Location>",
    `ProxyPass / http://127.0.0.1:${origin}/`,
  ];
  const file = path.join(folder, `${name}.conf`);
  await writeFile(file, `${configuration.join("\n")}\n`, { mode: 0o600 });
  const env = { ...process.env, LD_LIBRARY_PATH: path.join(DEBIAN, "lib/x86_64-linux-gnu") };
  const child = spawn(path.join(DEBIAN, "sbin/apache2"), ["-f", file, "-DFOREGROUND"], { env, stdio: "inherit" });
  const ended = new Promise((resolve) => child.on("close", resolve));
  after(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const api = new Api(`http://127.0.0.1:${port}`);
  await eventually("Apache answering", async () => {
    if (child.exitCode !== null) throw new Error(`Apache ended: ${await readFile(`${folder}/${name}.log`, "utf8")}`);
    return (await api.call("GET", "/").catch(() => undefined))?.status === 401;
  });
  return (token) => api.call("GET", "/orders", { bearer: token });
}

// A port that was free a moment ago.
async function freePort() {
  const listener = createServer();
  await new Promise((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

test("every request is asked about, and a revocation holds within the bound", async () => {
  const get = await startApache("default");
  const { identity, token, id } = await installation.issue();
  await worker.main.resetCounts();
  for (let request = 0; request < 3; request += 1) {
    const answer = await get(token);
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.body.oidc_claim_sub, identity);
  }
  assert.equal((await worker.main.counts())["worker.DIRECTORY.oauth"], 3);
  await installation.revoke(id);
  await until(Date.now() + BOUND + 1);
  assert.equal((await get(token)).status, 401);
});

test("with consume=true a limit on uses is the limit of what Apache lets through", async () => {
  const get = await startApache("consuming", "OIDCOAuthIntrospectionEndpointParams consume=true");
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 3 });
  const answers = await Promise.all(Array.from({ length: 8 }, () => get(token)));
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [200, 200, 200, 401, 401, 401, 401, 401]);
});

test("a token that Apache may not know about, and one that is bound to addresses, do not get through", async () => {
  const get = await startApache("strict");
  const { token } = await installation.issue({ accessTokenTrustedIps: [{ ipAddress: "127.0.0.1" }] });
  assert.equal((await get(token)).status, 401);
  assert.equal((await get("junk")).status, 401);
  // Active, and of another role than Apache requires.
  assert.equal((await get(installation.administrator)).status, 401);
});
