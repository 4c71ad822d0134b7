// /authz: what a proxy, or somebody who passes for one, gets for an answer. The proxies themselves are in tests/proxies.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startWorker, newSecret } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { ProtectedProject } from "../support/protected_project.mjs";
import { sendRaw } from "../support/raw.mjs";
import { assertCommonHeaders, assertProblem } from "../support/shape.mjs";

const SECRET = newSecret();
const PREVIOUS = newSecret();
const PROXY_ADDRESS = "192.0.2.10";
const CLIENT = "203.0.113.9";

const worker = await startWorker({
  watched: true,
  // Nothing but what costs nothing is asked of the second one.
  isolates: ["home", "edge"],
  vars: { FORWARD_AUTH_SECRET: SECRET, FORWARD_AUTH_SECRET_PREVIOUS: PREVIOUS, TRUSTED_PROXIES: "192.0.2.0/24" },
});
const { edge } = worker.isolates;
const installation = await Installation.found(worker);
const project = await ProtectedProject.create(installation);
// Of a route that takes WebSockets.
const SOCKETS = "sockets.example.com";
await project.route({ host: SOCKETS, pathPrefix: "/", webSocket: true });

const NO_ERROR = /^Bearer realm="token-auth"$/;
const INVALID_REQUEST = /^Bearer realm="token-auth", error="invalid_request"/;
const INVALID_TOKEN = /^Bearer realm="token-auth", error="invalid_token"/;
const INSUFFICIENT_SCOPE = /^Bearer realm="token-auth", error="insufficient_scope"/;

// How each proxy asks about GET /items?x=1 of `CLIENT` at the route's host.
const DIALECTS = {
  nginx: {
    path: "/authz/nginx",
    headers: {
      "x-original-method": "GET",
      "x-original-uri": "/items?x=1",
      "x-original-host": "api.example.com",
      "x-real-ip": CLIENT,
      "token-auth-upgrade": "none",
    },
  },
  caddy: { path: "/authz/caddy", headers: xForwarded() },
  traefik: { path: "/authz/traefik", headers: xForwarded() },
  envoy: {
    path: "/authz/envoy",
    headers: {
      "token-auth-envoy-path": "/items?x=1",
      "token-auth-envoy-host": "api.example.com:443",
      "token-auth-envoy-client": CLIENT,
      "token-auth-upgrade": "none",
    },
  },
};

function xForwarded() {
  return {
    "x-forwarded-method": "GET",
    "x-forwarded-uri": "/items?x=1",
    "x-forwarded-host": "api.example.com",
    "x-forwarded-for": CLIENT,
    "token-auth-upgrade": "none",
  };
}

// Asks as a proxy does. `headers` come on top; what is null is not sent.
function ask(dialect, { token, method = "GET", path, headers = {}, secret = SECRET, url = worker.main.url } = {}) {
  const sent = { ...DIALECTS[dialect].headers, "token-auth-proxy-secret": secret, ...headers };
  if (token !== undefined) sent.authorization = `Bearer ${token}`;
  const list = Object.entries(sent).filter(([, value]) => value !== null);
  return sendRaw(url, { method, path: path ?? DIALECTS[dialect].path, headers: list });
}

// A limited token of an identity with a role in the project.
async function issue(configuration = {}, role = "member") {
  const issued = await installation.issue({ accessTokenNumUsesLimit: 5, ...configuration });
  await project.admit(issued.identity, role);
  return issued;
}

async function assertUnused(issued, from = CLIENT) {
  assert.equal(granted(await worker.api.validate(issued.token, from)).usesRemaining, 4);
}

// nginx can carry 401 and 403 only; the status itself stands in a header.
function assertRefused(dialect, answer, status, code, challenge) {
  if (dialect !== "nginx") return assertProblem(answer, status, code, challenge);
  assert.equal(answer.status, status === 401 ? 401 : 403, answer.text);
  assert.equal(answer.headers.get("x-deny-status"), `${status}`);
  assert.equal(answer.body.status, status);
  assert.equal(answer.body.code, code);
  const got = answer.headers.get("www-authenticate");
  if (challenge === undefined) assert.equal(got, null);
  else assert.match(got ?? "", challenge);
  assertCommonHeaders(answer);
}

for (const dialect of Object.keys(DIALECTS)) {
  suite(dialect, () => {
    test("a yes is 200 without a body, with every identity header, and consumes a use", async () => {
      const issued = await issue();
      const answer = await ask(dialect, { token: issued.token });
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.text, "");
      assert.equal(answer.headers.get("content-length"), "0");
      assert.equal(answer.headers.get("set-cookie"), null);
      assertCommonHeaders(answer);
      const header = (name) => answer.headers.get(`token-auth-${name}`);
      assert.equal(header("identity-id"), issued.identity);
      assert.equal(header("identity-name"), "build-server");
      assert.equal(header("token-id"), issued.id);
      assert.equal(header("role"), "no-access");
      assert.equal(header("project"), project.slug);
      assert.equal(header("project-roles"), "member");
      assert.equal(granted(await worker.api.validate(issued.token)).usesRemaining, 3);
    });

    test("the client's address is the one that the proxy reports, never the one that calls", async () => {
      const here = await issue(only(CLIENT));
      assert.equal((await ask(dialect, { token: here.token })).status, 200);
      const elsewhere = await issue(only(PROXY_ADDRESS));
      const answer = await ask(dialect, { token: elsewhere.token, headers: { "cf-connecting-ip": PROXY_ADDRESS } });
      assertRefused(dialect, answer, 403, "client_ip_not_trusted", NO_ERROR);
      assert.ok(answer.body.detail.includes(CLIENT), answer.body.detail);
      await assertUnused(elsewhere, PROXY_ADDRESS);
    });

    test("missing, several and bad credentials are told apart, and consume nothing", async () => {
      const issued = await issue();
      const double = { authorization: `Bearer ${issued.token}, Bearer ${issued.token}` };
      assertRefused(dialect, await ask(dialect), 401, "missing_token", NO_ERROR);
      assertRefused(dialect, await ask(dialect, { headers: double }), 400, "invalid_request", INVALID_REQUEST);
      assertRefused(dialect, await ask(dialect, { token: "nonsense" }), 401, "invalid_token", INVALID_TOKEN);
      await installation.revoke(issued.id);
      assertRefused(dialect, await ask(dialect, { token: issued.token }), 401, "invalid_token", INVALID_TOKEN);
    });

    test("a role that does not allow the request refuses it, and consumes nothing", async () => {
      const outsider = await installation.issue({ accessTokenNumUsesLimit: 5 });
      const answer = await ask(dialect, { token: outsider.token });
      assertRefused(dialect, answer, 403, "insufficient_scope", INSUFFICIENT_SCOPE);
      await assertUnused(outsider);
      const nobody = await issue({}, "no-access");
      const refused = await ask(dialect, { token: nobody.token });
      assertRefused(dialect, refused, 403, "insufficient_scope", INSUFFICIENT_SCOPE);
      await assertUnused(nobody);
    });

    test("each header of the proxy's must be there once, in its form; what is not is named", async () => {
      const issued = await issue();
      for (const name of Object.keys(DIALECTS[dialect].headers)) {
        const missing = await ask(dialect, { token: issued.token, headers: { [name]: null } });
        assertRefused(dialect, missing, 400, "invalid_proxy_request");
        assert.ok(missing.body.detail.includes(name), missing.body.detail);
        const doubled = await sendDoubled(dialect, name, issued.token);
        assertRefused(dialect, doubled, 400, "invalid_proxy_request");
      }
      await assertUnused(issued);
    });

    test("an ambiguous path is refused, and consumes nothing", async () => {
      const issued = await issue();
      const name = Object.keys(DIALECTS[dialect].headers).find((header) => /uri|path/.test(header));
      for (const path of ["/a/../b", "/a//b", "/%2e%2e/a", "/a%2Fb", "/a;b", "/a\\b", "a", "/a#b"]) {
        const answer = await ask(dialect, { token: issued.token, headers: { [name]: path } });
        assertRefused(dialect, answer, 400, "ambiguous_path");
      }
      await assertUnused(issued);
    });

    test("what the request becomes is a WebSocket, on a route that takes one, or nothing; a refusal consumes nothing", async () => {
      const issued = await issue();
      const handshake = { "sec-websocket-version": "13", "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==" };
      const host = Object.keys(DIALECTS[dialect].headers).find((header) => /host/.test(header));
      const askFor = (upgrade, headers) =>
        ask(dialect, { token: issued.token, headers: { "token-auth-upgrade": upgrade, ...handshake, ...headers } });
      assertRefused(dialect, await askFor("websocket"), 403, "web_socket_not_allowed");
      for (const upgrade of ["h2c", "TLS/1.0", "-", "connect-udp"]) {
        for (const headers of [{}, { [host]: SOCKETS }]) {
          assertRefused(dialect, await askFor(upgrade, headers), 403, "upgrade_not_allowed");
        }
      }
      for (const broken of [{ "sec-websocket-version": "777" }, { "sec-websocket-key": null }, { "sec-websocket-key": "x" }]) {
        const answer = await askFor("websocket", { [host]: SOCKETS, ...broken });
        assertRefused(dialect, answer, 400, "invalid_web_socket_handshake");
      }
      await assertUnused(issued);
      const taken = await issue();
      const headers = { "token-auth-upgrade": "websocket", ...handshake, [host]: SOCKETS };
      assert.equal((await ask(dialect, { token: taken.token, headers })).status, 200);
      assert.equal(granted(await worker.api.validate(taken.token)).usesRemaining, 3);
    });

    test("the question's own query decides nothing", async () => {
      const { token } = await issue();
      const path = `${DIALECTS[dialect].path}?cost=0&method=DELETE&uri=/evil&access_token=x`;
      assert.equal((await ask(dialect, { token, path })).status, 200);
      assert.equal(granted(await worker.api.validate(token)).usesRemaining, 3);
    });

    test("whoever does not prove to be the proxy learns nothing, reads nothing and consumes nothing", async () => {
      const issued = await issue();
      await edge.resetCounts();
      for (const secret of [
        null,
        "",
        "wrong",
        SECRET.slice(1),
        SECRET.toUpperCase(),
        `${SECRET}, ${SECRET}`,
        "x".repeat(20_000),
      ]) {
        const answer = await ask(dialect, { token: issued.token, secret, url: edge.url });
        assertRefused(dialect, answer, 403, "proxy_not_trusted");
        assert.ok(!answer.text.includes(SECRET));
      }
      // A wrong secret is not made good by a trusted address.
      const headers = { "cf-connecting-ip": PROXY_ADDRESS };
      assertRefused(
        dialect,
        await ask(dialect, { token: issued.token, secret: "wrong", headers, url: edge.url }),
        403,
        "proxy_not_trusted",
      );
      assert.deepEqual(await edge.counts(), {});
      await assertUnused(issued);
    });

    test("the former secret is good, too; a trusted address is, but for Envoy", async () => {
      const { token } = await issue();
      assert.equal((await ask(dialect, { token, secret: PREVIOUS })).status, 200);
      const headers = { "cf-connecting-ip": PROXY_ADDRESS };
      const byAddress = await ask(dialect, { token, secret: null, headers });
      if (dialect === "envoy") assertProblem(byAddress, 403, "proxy_not_trusted");
      else assert.equal(byAddress.status, 200, byAddress.text);
    });

    test("junk costs no KV read and no call to an object", async () => {
      const { token } = await issue();
      await edge.resetCounts();
      for (const junk of ["nonsense", `tka_${"7".repeat(76)}`, token.slice(0, -1), `${token}0`]) {
        assertRefused(dialect, await ask(dialect, { token: junk, url: edge.url }), 401, "invalid_token", INVALID_TOKEN);
      }
      assert.deepEqual(await edge.counts(), {});
    });
  });
}

function sendDoubled(dialect, name, token) {
  const { path, headers } = DIALECTS[dialect];
  const all = { ...headers, "token-auth-proxy-secret": SECRET, authorization: `Bearer ${token}` };
  return sendRaw(worker.main.url, { path, headers: [...Object.entries(all), [name, headers[name]]] });
}

test("a proxy that asks with GET is not answered for another method", async () => {
  const issued = await issue();
  for (const dialect of ["nginx", "caddy", "traefik"]) {
    for (const method of ["POST", "DELETE", "OPTIONS", "HEAD"]) {
      const answer = await ask(dialect, { token: issued.token, method });
      assert.equal(answer.status, dialect === "nginx" ? 403 : 405);
      assert.equal(answer.headers.get("allow"), "GET");
    }
  }
  await assertUnused(issued);
});

test("Envoy asks with the client's own method, which must be allowed", async () => {
  const reader = await issue({}, "viewer");
  assert.equal((await ask("envoy", { token: reader.token, method: "HEAD" })).status, 200);
  const refused = await ask("envoy", { token: reader.token, method: "DELETE" });
  assertProblem(refused, 403, "insufficient_scope", INSUFFICIENT_SCOPE);
  assertProblem(await ask("envoy", { token: reader.token, method: "OPTIONS" }), 405, "method_not_allowed");
  assert.equal(granted(await worker.api.validate(reader.token)).usesRemaining, 3);
});

test("with Envoy's path_prefix no dot segment leads to another path", async () => {
  const issued = await issue();
  const under = (path, asked = path) =>
    ask("envoy", { token: issued.token, path: `/authz/envoy${path}`, headers: { "token-auth-envoy-path": asked } });
  assert.equal((await under("/items?x=1")).status, 200);
  // The runtime resolves these before anybody here sees them.
  for (const path of [
    "/../../healthz",
    "/../../validate",
    "/../../api/status",
    "/..",
    "/../../",
    "/../../.well-known/jwks.json",
  ]) {
    const answer = await under(path);
    assert.ok(answer.status >= 400 && answer.status <= 499, `${path}: ${answer.status} ${answer.text}`);
  }
  for (const path of ["/../caddy", "/../nginx", "/../../authz/envoy/items", "/secret/../items", "/./items"]) {
    const answer = await under(path);
    assert.ok(answer.status >= 400 && answer.status <= 499, `${path}: ${answer.status} ${answer.text}`);
  }
  assertProblem(await under("/items", "/other"), 400, "invalid_proxy_request");
  assert.equal(granted(await worker.api.validate(issued.token)).usesRemaining, 3);
});

test("what only a proxy sends is refused by every other route", async () => {
  const { token } = await issue();
  const paths = [
    "/healthz",
    "/api/status",
    "/validate",
    "/",
    "/api/v1/identities/details",
    "/authz",
    "//authz/nginx",
    "/none",
  ];
  for (const path of paths) {
    for (const value of [SECRET, "wrong", ""]) {
      const headers = { "token-auth-proxy-secret": value, authorization: `Bearer ${token}` };
      assertProblem(await sendRaw(worker.main.url, { path, headers }), 403, "proxy_misdirected");
    }
    for (const name of ["token-auth-envoy-path", "token-auth-envoy-host", "token-auth-envoy-client"]) {
      assertProblem(await sendRaw(worker.main.url, { path, headers: { [name]: "x" } }), 403, "proxy_misdirected");
    }
  }
  const astray = { ...DIALECTS.envoy.headers, ...DIALECTS.caddy.headers };
  assertProblem(await ask("caddy", { token, headers: astray }), 403, "proxy_misdirected");
  assert.equal((await worker.api.call("GET", "/healthz")).status, 200);
});

test("there is no other dialect", async () => {
  for (const path of ["/authz/", "/authz/apache", "/authz/nginx/", "/authz/nginx/x", "/authz/NGINX", "/authz/envoys"]) {
    const headers = { "token-auth-proxy-secret": SECRET };
    assertProblem(await sendRaw(worker.main.url, { path, headers }), 404, "not_found");
  }
});

test("forward auth is off until a proxy can prove itself", async () => {
  const plain = await startWorker();
  for (const dialect of Object.keys(DIALECTS)) {
    const answer = await ask(dialect, { token: "nonsense", url: plain.main.url });
    assertRefused(dialect, answer, 403, "forward_auth_disabled");
  }
});

test("a setting that would trust everybody, or a secret that is too short, is named", async () => {
  for (const [variable, value] of [
    ["TRUSTED_PROXIES", "0.0.0.0/0"],
    ["FORWARD_AUTH_SECRET", "short"],
  ]) {
    const wrong = await startWorker({ vars: { [variable]: value } });
    const answer = await ask("caddy", { url: wrong.main.url });
    assertProblem(answer, 503, "misconfigured");
    assert.ok(answer.body.detail.includes(variable));
    assert.ok(!answer.text.includes(value));
  }
});

test("no log line holds the secret, the token or an address", async () => {
  const { token } = await issue(only("198.51.100.77"));
  await ask("caddy", { token });
  await ask("caddy", { token, secret: "wrong" });
  const log = worker.logs.join("\n");
  assert.ok(log.includes("proxy_not_proven") && log.includes("client_ip_not_trusted"));
  for (const secret of [SECRET, PREVIOUS, token, CLIENT]) assert.ok(!log.includes(secret));
});
