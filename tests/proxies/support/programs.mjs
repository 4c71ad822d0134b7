// The proxies as programs: each runs with its example configuration from examples/, unchanged but for the names that the
// example says are to be filled in.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { eventually } from "../../support/waiting.mjs";
import { HOST as ROUTE_HOST } from "../../support/bearers.mjs";
import { FORWARD_AUTH, INTROSPECTION } from "./asking.mjs";
import { HOST } from "./front.mjs";
import { send } from "../../support/wire.mjs";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const EXAMPLES = path.join(ROOT, "examples");
const DEBIAN = path.join(ROOT, ".tools/proxies/debian/root/usr");
const WHEELS = path.join(ROOT, ".tools/proxies/wheels/bin");
const LIBRARIES = path.join(DEBIAN, "lib/x86_64-linux-gnu");

export const APACHE = "Apache 2.4";
export const CACHING_APACHE = "Apache 2.4, keeping answers";

// Refused wherever it arrives.
const PROBE = Buffer.from("GET /probe HTTP/1.1\r\nHost: probe.example.com\r\nConnection: close\r\n\r\n");

// Each writes its configuration into `folder` and says how it is started.
const PROGRAMS = {
  "nginx 1.22": async (folder, names, changes) => {
    await fillIn("nginx/token-auth.conf", path.join(folder, "token-auth.conf"), names, changes);
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const main = [
      "daemon off; master_process off; pid nginx.pid; error_log stderr warn;",
      "events {}",
      "http {",
      "access_log off;",
      ...temporary.map((name) => `${name}_temp_path ${folder}/${name};`),
      "include token-auth.conf;",
      "}",
    ];
    await writeFile(path.join(folder, "nginx.conf"), main.join("\n"));
    return [path.join(DEBIAN, "sbin/nginx"), ["-p", folder, "-e", "stderr", "-c", "nginx.conf"]];
  },
  "Caddy 2.6": caddy(path.join(DEBIAN, "bin/caddy")),
  "Caddy 2.11": caddy(path.join(WHEELS, "caddy")),
  "Traefik 3.7": async (folder, names, changes) => {
    const filled = path.join(folder, "traefik.yml");
    const dynamic = path.join(folder, "dynamic.yml");
    await fillIn("traefik/dynamic.yml", dynamic, {}, changes);
    await fillIn("traefik/traefik.yml", filled, { LISTEN: `127.0.0.1:${names.LISTEN_PORT}`, DYNAMIC: dynamic });
    return [path.join(WHEELS, "traefik"), [`--configFile=${filled}`]];
  },
  "Envoy 1.40": envoy(),
  // The form that older ones need, and without the path being made plain first: what the client sends is appended.
  "Envoy 1.40, path_prefix": envoy(
    ["path_override:", "path_prefix:"],
    ["normalize_path: true", "normalize_path: false"],
  ),
  [APACHE]: apache(),
  // As it is by default: it keeps an answer until the `exp` of that.
  [CACHING_APACHE]: apache(["OIDCOAuthTokenIntrospectionInterval -1\n", "\n"]),
};

function caddy(program) {
  return async (folder, names, changes) => {
    const filled = path.join(folder, "Caddyfile");
    await fillIn("caddy/Caddyfile", filled, {}, changes);
    return [program, ["run", "--adapter", "caddyfile", "--config", filled]];
  };
}

function envoy(...fixed) {
  return async (folder, names, changes) => {
    const filled = path.join(folder, "envoy.yaml");
    await fillIn("envoy/envoy.yaml", filled, names, [...fixed, ...changes]);
    return [path.join(WHEELS, "envoy"), ["-c", filled, "--use-dynamic-base-id", "--concurrency", "1", "-l", "warning"]];
  };
}

function apache(...fixed) {
  return async (folder, names, changes) => {
    const modules = path.join(DEBIAN, "lib/apache2/modules");
    const needed = [
      ["mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc"],
      ["headers", "proxy", "proxy_http", "rewrite", "macro"],
    ].flat();
    await fillIn("apache/token-auth.conf", path.join(folder, "token-auth.conf"), {}, [...fixed, ...changes]);
    const main = [
      `ServerRoot ${folder}`,
      `PidFile ${folder}/pid`,
      `DefaultRuntimeDir ${folder}`,
      `Mutex file:${folder} default`,
      "ServerName localhost",
      `ErrorLog ${folder}/error.log`,
      `Listen 127.0.0.1:${names.LISTEN_PORT}`,
      ...needed.map((module) => `LoadModule ${module}_module ${modules}/mod_${module}.so`),
      `Include ${folder}/token-auth.conf`,
    ];
    const file = path.join(folder, "apache2.conf");
    await writeFile(file, main.join("\n"));
    return [path.join(DEBIAN, "sbin/apache2"), ["-f", file, "-DFOREGROUND"]];
  };
}

export const PROXIES = Object.keys(PROGRAMS);
// Those that understand forward auth.
export const FORWARD_AUTH_PROXIES = PROXIES.filter((name) => !name.startsWith(APACHE));
// These pass headers on that have an underscore in their name.
const PASS_UNDERSCORES = ["Traefik 3.7", APACHE, CACHING_APACHE];

// Starts a proxy in front of `origin` that asks `front`, proven by `secret` or as an OAuth `client`, and waits until it
// answers. One question of its own goes to `front` meanwhile. `changes` are made to its example: texts that stand there
// once, with what stands there instead.
export async function startProxy(name, { origin, front, secret, client, folder, changes = [] }) {
  const port = await freePort();
  const own = path.join(folder, name.replaceAll(" ", "-"));
  await mkdir(own, { recursive: true });
  const names = {
    LISTEN: name.startsWith("Caddy") ? `http://:${port}` : `127.0.0.1:${port}`,
    LISTEN_ADDRESS: "127.0.0.1",
    LISTEN_PORT: `${port}`,
    SERVER_NAME: ROUTE_HOST,
    ORIGIN: `127.0.0.1:${origin.port}`,
    ORIGIN_ADDRESS: "127.0.0.1",
    ORIGIN_PORT: `${origin.port}`,
    TOKEN_AUTH_HOST: HOST,
    TOKEN_AUTH_PORT: `${front.port}`,
    CA_CERTIFICATES: front.certificate,
    FORWARD_AUTH_SECRET: secret,
    CLIENT_ID: client.clientId,
    CLIENT_SECRET: client.clientSecret,
  };
  const [program, parameters] = await PROGRAMS[name](own, names, changes);
  const env = {
    ...process.env,
    ...names,
    // Programs written in Go take their authorities from here.
    SSL_CERT_FILE: front.certificate,
    LD_LIBRARY_PATH: LIBRARIES,
    HOME: own,
    XDG_CONFIG_HOME: own,
    XDG_DATA_HOME: own,
  };
  const child = spawn(program, parameters, { cwd: own, env, stdio: ["ignore", "pipe", "pipe"] });
  const log = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => log.push(text));
  const ended = new Promise((resolve) => child.on("close", resolve));
  await eventually(`${name} answering`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended:\n${log.join("")}`);
    // Traefik listens before it has read what it is to do, and says 404 until then.
    const { status } = await send(port, PROBE);
    return status !== null && status !== 404;
  });
  return {
    port,
    asking: name.startsWith(APACHE) ? INTROSPECTION : FORWARD_AUTH,
    // Everything that it has logged.
    log: async () => log.join("") + (await readFile(path.join(own, "error.log"), "utf8").catch(() => "")),
    passesUnderscores: PASS_UNDERSCORES.includes(name),
    stop: async () => {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(timer);
    },
  };
}

// What `envsubst` does with the names that the example lists: other variables, nginx's own for example, stay. Each of
// `changes` replaces a text that stands once in the example.
async function fillIn(example, target, names, changes = []) {
  let text = await readFile(path.join(EXAMPLES, example), "utf8");
  for (const [from, to] of changes) {
    assert.equal(text.split(from).length, 2, `${from} stands once in ${example}`);
    text = text.replace(from, to);
  }
  const filled = text.replaceAll(/\$\{([A-Z_]+)\}/g, (whole, name) => names[name] ?? whole);
  await writeFile(target, filled, { mode: 0o600 });
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
