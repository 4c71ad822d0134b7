// The gateway: what an allowed request looks like at the origin, what a refused one looks like to its client, and that
// nothing reaches the origin and no use is consumed when one is refused.

import assert from "node:assert/strict";
import { Agent, createServer } from "node:http";
import { after, test } from "node:test";

import { forge } from "../support/bearers.mjs";
import { Browser, COOKIE } from "../support/console.mjs";
import { CLIENT, GatewayWorld, HOST, IDENTITY, send } from "../support/gateway_world.mjs";
import { headerOf } from "../support/origin.mjs";
import { send as sendBytes } from "../support/wire.mjs";

const world = await GatewayWorld.start();
const member = await world.addMember();
const { project } = world;

test("an allowed request reaches the origin with path, query and the identity, and without the token", async () => {
  const path = "/a/%C3%BC/b.c?x=/../y&z=%2F&&q='!$()*,;:@?[]{}|^`";
  const answer = await world.ask({ token: member.token, path, headers: [["accept", "text/plain"], ["cookie", "a=b"]] });
  assert.deepEqual([answer.status, answer.text], [200, "origin"]);
  const [seen, ...more] = world.origin.take();
  assert.deepEqual(more, []);
  // A URL parser encodes this one character of a query; a query decides nothing.
  assert.equal(seen.target, path.replace("'", "%27"));
  assert.equal(seen.method, "GET");
  for (const name of IDENTITY) assert.equal(headerOf(seen, name), member.expected[name], name);
  assert.match(headerOf(seen, "token-auth-assertion"), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  assert.equal(headerOf(seen, "authorization"), undefined);
  assert.equal(headerOf(seen, "accept"), "text/plain");
  assert.equal(headerOf(seen, "cookie"), "a=b");
  // No cache in between may answer one caller with what another one got.
  assert.equal(headerOf(seen, "cache-control"), "no-cache");
  assert.equal(headerOf(seen, "x-forwarded-for"), CLIENT);
  assert.equal(headerOf(seen, "x-forwarded-proto"), "http");
  assert.equal(headerOf(seen, "x-forwarded-host"), HOST);
  assert.equal(headerOf(seen, "x-request-id"), answer.header("x-request-id"));
  assert.equal(headerOf(seen, "host"), new URL(world.origin.url).host);
});

test("the console's cookie reaches no origin, and signs nobody in at one", async () => {
  const browser = new Browser(world.worker.api, undefined);
  assert.equal((await browser.signIn(world.installation.administrator)).status, 200);
  const cookie = `${COOKIE}=${browser.cookie}`;
  for (const [sent, expected] of [
    [cookie, undefined],
    [`a=b; ${cookie}; c=d`, "a=b; c=d"],
    [`__Host-${cookie}; a=b`, "a=b"],
  ]) {
    const headers = [["cookie", sent], ["token-auth-console", "1"]];
    const answer = await world.ask({ token: member.token, path: "/a", headers });
    assert.equal(answer.status, 200, answer.text);
    const [seen] = world.origin.take();
    assert.equal(headerOf(seen, "cookie"), expected, sent);
    assert.equal(headerOf(seen, "token-auth-console"), undefined);
    assert.ok(!JSON.stringify(seen).includes(browser.cookie.slice(20)));
    await world.refused(401, undefined, { path: "/a", headers });
  }
});

for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
  test(`${method} is sent on as ${method}, with and without a length of zero`, async () => {
    for (const headers of [[], [["content-length", "0"]]]) {
      const answer = await world.ask({ method, token: member.token, headers });
      assert.equal(answer.status, 200, answer.text);
      assert.deepEqual(world.origin.take().map((seen) => [seen.method, seen.length]), [[method, 0]]);
    }
  });
}

test("each request that reaches the origin consumes one use", async () => {
  const member = await world.addMember();
  for (let use = 1; use <= 3; use += 1) {
    assert.equal((await world.ask({ token: member.token })).status, 200);
    assert.equal(await world.uses(member), use);
  }
  const counted = await project.member("member", { accessTokenNumUsesLimit: 3 });
  for (let use = 1; use <= 3; use += 1) assert.equal((await world.ask({ token: counted.token })).status, 200);
  assert.equal(world.origin.take().length, 6);
  const answer = await world.refused(401, "invalid_token", { token: counted.token });
  await world.usedUp(counted, 3);
  assert.match(answer.header("www-authenticate"), /^Bearer realm="token-auth", error="invalid_token"/);
});

test("of many requests at once exactly as many as the limit reach the origin", async () => {
  const counted = await project.member("member", { accessTokenNumUsesLimit: 25 });
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => send(world.worker.main.url, { token: counted.token, agent })),
  );
  agent.destroy();
  const statuses = answers.map(({ status }) => status);
  assert.equal(world.origin.take().length, 25);
  assert.equal(statuses.filter((status) => status === 200).length, 25);
  assert.equal(statuses.filter((status) => status === 401).length, 175);
  await world.usedUp(counted, 25);
});

test("a request without a usable token is refused with a challenge", async () => {
  const missing = await world.refused(401, "missing_token", {});
  assert.equal(missing.header("www-authenticate"), 'Bearer realm="token-auth"');
  await world.refused(401, "invalid_token", { token: forge(member.token) });
  await world.refused(401, "invalid_token", { token: "nonsense" });
  await world.refused(400, "invalid_request", { token: `${member.token}, Bearer ${member.token}` });
  const revoked = await world.addMember();
  await world.installation.revoke(revoked.id);
  await world.refused(401, "invalid_token", { token: revoked.token });
  await world.usedUp(revoked, 0);
});

test("a client at another address than the trusted ones learns which address was seen", async () => {
  const bound = await world.addMember("member", { from: "192.0.2.1" });
  const answer = await world.refused(403, "client_ip_not_trusted", { bearer: bound });
  assert.match(answer.text, /203\.0\.113\.9/);
  await world.refused(403, "client_ip_unknown", { bearer: bound, from: "192.0.2.1, 192.0.2.2" });
  const forwarded = [["x-forwarded-for", "192.0.2.1"], ["x-real-ip", "192.0.2.1"], ["true-client-ip", "192.0.2.1"]];
  await world.refused(403, "client_ip_not_trusted", { bearer: bound, headers: forwarded });
  assert.equal((await world.ask({ token: bound.token, from: "192.0.2.1" })).status, 200);
  assert.equal(world.origin.take().length, 1);
});

test("who is no member, or has no role for the request, is refused", async () => {
  const outsider = await world.addMember();
  await world.removeMember(outsider.identity);
  const answer = await world.refused(403, "insufficient_scope", { bearer: outsider });
  assert.match(answer.header("www-authenticate"), /error="insufficient_scope"/);
  const powerless = await world.addMember("no-access");
  await world.refused(403, "insufficient_scope", { bearer: powerless });
  const viewer = await world.addMember("viewer");
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    await world.refused(403, "insufficient_scope", { bearer: viewer, method, body: "a" });
    await world.refused(403, "insufficient_scope", {
      bearer: viewer,
      method,
      headers: [["x-http-method-override", "GET"]],
    });
  }
  assert.equal((await world.ask({ token: viewer.token, method: "HEAD" })).status, 200);
  assert.equal(world.origin.take().length, 1);
});

test("what no route is for is refused: a host, a path, a method", async () => {
  for (const host of ["other.example.com", "example.com", `a.${HOST}`]) {
    await world.refused(421, "host_unknown", { bearer: member, host });
  }
  for (const host of [`${HOST}..`, `${HOST}:123456`, "a_b"]) await world.refused(400, "invalid_host", { bearer: member, host });
  // The runtime refuses these.
  for (const host of ["a b", "", `${HOST}:x`]) await world.refused(400, undefined, { bearer: member, host });
  const host = "narrow.example.com";
  await project.route({ host, pathPrefix: "/only", methods: ["GET", "POST"], origin: world.origin.url });
  for (const path of ["/", "/other", "/onlyx", "/ONLY"]) await world.refused(404, "route_unknown", { bearer: member, host, path });
  const answer = await world.refused(405, "method_not_allowed", { bearer: member, host, path: "/only", method: "PUT" });
  assert.equal(answer.header("allow"), "GET, HEAD, POST");
  for (const path of ["/only", "/only/", "/only/a"]) {
    assert.equal((await world.ask({ token: member.token, host: host.toUpperCase(), path })).status, 200);
    assert.equal(world.origin.take()[0].target, path);
  }
});

test("who is not a member of a route's project reads the same whatever the method", async () => {
  const host = "foreign.example.com";
  await project.route({ host, pathPrefix: "/", methods: ["GET"], origin: world.origin.url });
  const stranger = await world.addMember();
  await world.removeMember(stranger.identity);
  for (const method of ["GET", "PUT", "DELETE"]) {
    const answer = await world.refused(403, "insufficient_scope", { bearer: stranger, host, method });
    assert.equal(answer.header("allow"), undefined);
  }
});

test("a route that reverse proxies use is none for the gateway", async () => {
  const host = "asked.example.com";
  await project.route({ host, pathPrefix: "/" });
  await world.refused(421, "host_unknown", { bearer: member, host });
});

test("the longest prefix wins although reverse proxies use it, and no other route's origin sees its requests", async () => {
  const host = "longest.example.com";
  await project.route({ host, pathPrefix: "/", origin: world.origin.url });
  await project.route({ host, pathPrefix: "/admin", origin: null });
  await project.route({ host, pathPrefix: "/both", methods: ["GET"], origin: world.origin.url });
  await project.route({ host, pathPrefix: "/both", methods: ["POST"], origin: null });
  for (const [method, path] of [["DELETE", "/admin/x"], ["GET", "/admin"], ["GET", "/admin/"]]) {
    await world.refused(404, "route_unknown", { bearer: member, host, method, path });
  }
  const refused = await world.refused(405, "method_not_allowed", { bearer: member, host, method: "POST", path: "/both" });
  assert.equal(refused.header("allow"), "GET, HEAD");
  assert.deepEqual(world.origin.take(), []);
  for (const path of ["/administrators", "/x", "/both"]) {
    assert.equal((await world.ask({ token: member.token, host, path })).status, 200, path);
  }
  assert.deepEqual(world.origin.take().map((seen) => seen.target), ["/administrators", "/x", "/both"]);
});

test("a preflight is answered without a word about what is allowed, and no other OPTIONS is answered at all", async () => {
  const headers = [["origin", "https://evil.example"], ["access-control-request-method", "DELETE"]];
  const answer = await world.refused(204, undefined, { method: "OPTIONS", headers });
  assert.deepEqual(answer.headers.filter(([name]) => name.startsWith("access-control-")), []);
  for (const method of ["OPTIONS", "TRACE"]) {
    const refused = await world.refused(405, "method_not_allowed", { bearer: member, method });
    assert.equal(refused.header("allow"), "GET, HEAD, POST, PUT, PATCH, DELETE");
  }
});

test("a request that can be read in two ways is refused", async () => {
  for (const path of ["/a/%2e%2e/b", "//a", "/a//b", "/a;b", "/a\\b", "/%2F", "/%41", "/%2e%2e/a", "/a%2fb", "/%c3", "/%", "/a%00", "/%FF"]) {
    await world.refused(400, "ambiguous_path", { bearer: member, path });
  }
  // The runtime refuses this one.
  await world.refused(400, undefined, { bearer: member, path: "/a?\u00fc" });
  await world.refused(400, "body_not_allowed", { bearer: member, body: "a" });
  await world.refused(400, undefined, { bearer: member, method: "HEAD", body: ["a"] });
  await world.refused(400, "invalid_header", { bearer: member, headers: [["x-a", "\u00e9"]] });
});

test("the case of percent-encodings decides nothing, and reaches the origin as it came, in path and assertion", async () => {
  const host = "encoded.example.com";
  await project.route({ host, pathPrefix: "/caf%c3%a9", origin: world.origin.url });
  const permissions = [
    { subject: "requests", action: ["read"], conditions: { path: { $glob: "/**" } } },
    { subject: "requests", action: ["read"], conditions: { path: { $glob: "/**/%c3%b6ffentlich%3b" } }, inverted: true },
  ];
  const narrow = await world.addMember(await project.role("narrow", permissions));
  for (const path of ["/caf%c3%a9/x", "/caf%C3%A9/x", "/caf%c3%A9/%E2%82%ac"]) {
    assert.equal((await world.ask({ token: narrow.token, host, path })).status, 200, path);
    const [seen] = world.origin.take();
    const claims = JSON.parse(Buffer.from(headerOf(seen, "token-auth-assertion").split(".")[1], "base64url"));
    assert.deepEqual([seen.target, claims.path], [path, path]);
  }
  for (const path of ["/caf%c3%a9/%c3%b6ffentlich%3b", "/caf%C3%A9/%C3%B6ffentlich%3B", "/caf%c3%A9/%c3%B6ffentlich%3b"]) {
    await world.refused(403, "insufficient_scope", { bearer: narrow, host, path });
  }
});

test("a host with a dot behind is the same host", async () => {
  for (const host of [`${HOST}.`, `${HOST.toUpperCase()}.:8443`]) {
    assert.equal((await world.ask({ token: member.token, host })).status, 200, host);
    const [seen] = world.origin.take();
    assert.equal(headerOf(seen, "x-forwarded-host"), host.replace(".:", ":").replace(/\.$/, ""));
    const claims = JSON.parse(Buffer.from(headerOf(seen, "token-auth-assertion").split(".")[1], "base64url"));
    assert.equal(claims.host, HOST);
    assert.ok(!claims.iss.includes(".:") && !claims.iss.endsWith("."), claims.iss);
  }
});

test("UTF-8 in headers and cookies reaches the origin byte by byte, and nothing else that is not ASCII does", async () => {
  // One character, one byte: of two, three and four bytes, a control character of Latin-1, the last one there is.
  for (const value of ["\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x94\x91", "\xc2\x85", "\xef\xbb\xbfa", "\xf4\x8f\xbf\xbf", "a\tb\xc3\xbc"]) {
    const headers = [["x-a", value], ["cookie", `a=${value}; b="${value}"`], ["user-agent", value], ["accept", value]];
    assert.equal((await world.ask({ token: member.token, headers })).status, 200, escape(value));
    const [seen] = world.origin.take();
    for (const [name, sent] of headers) assert.equal(headerOf(seen, name), sent, name);
  }
  // Latin-1, parts of characters, overlong forms, surrogates, beyond Unicode, and the sign for all of these.
  for (const value of ["\xe9", "\xff", "a\xc3", "\xa9", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xef\xbf\xbd"]) {
    for (const name of ["x-a", "cookie", "user-agent", "accept"]) {
      await world.refused(400, "invalid_header", { bearer: member, headers: [[name, `a${value}b`]] });
    }
  }
});

test("gRPC is refused before a use is consumed, and gRPC-Web is not", async () => {
  for (const type of ["application/grpc", "application/grpc+proto", "Application/GRPC; a=b"]) {
    const headers = [["content-type", type], ["te", "trailers"]];
    await world.refused(415, "grpc_not_carried", { bearer: member, method: "POST", path: "/pkg.Service/Method", headers, body: "\0\0\0\0\0" });
  }
  const headers = [["content-type", "application/grpc-web+proto"]];
  assert.equal((await world.ask({ token: member.token, method: "POST", headers, body: "\0" })).status, 200);
  assert.equal(world.origin.take().length, 1);
});

test("an empty query reaches the origin as one", async () => {
  for (const path of ["/a?", "/a??", "/a", "/?"]) {
    assert.equal((await world.ask({ token: member.token, path })).status, 200);
    assert.equal(world.origin.take()[0].target, path);
  }
});

test("a query that holds something else than visible ASCII is refused", async () => {
  const { port } = new URL(world.worker.main.url);
  const ask = (query) => {
    const lines = [`GET /a?${query} HTTP/1.1`, `Host: ${HOST}`, `CF-Connecting-IP: ${CLIENT}`, `Authorization: Bearer ${member.token}`];
    return sendBytes(Number(port), Buffer.from([...lines, "", ""].join("\r\n"), "latin1"));
  };
  assert.equal((await ask("a=b")).status, 200);
  assert.equal(world.origin.take().length, 1);
  // This runtime refuses them by itself, so that `invalid_query` is never needed here; the native tests show that one.
  for (const query of ["\xe9", "\x7f", "\x01", "a\tb", "a b", "\x00"]) {
    assert.equal((await ask(query)).status, 400, JSON.stringify(query));
    assert.deepEqual(world.origin.take(), []);
  }
});

test("an upgrade is refused where the route takes no WebSocket", async () => {
  const upgrade = [["connection", "upgrade"], ["upgrade", "WebSocket"], ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="], ["sec-websocket-version", "13"]];
  await world.refused(403, "web_socket_not_allowed", { bearer: member, headers: upgrade });
});

test("any other upgrade is not passed on", async () => {
  const headers = [["connection", "Upgrade, HTTP2-Settings"], ["upgrade", "h2c"], ["http2-settings", "AAMAAABkAAQAAP__"]];
  assert.equal((await world.ask({ token: member.token, headers })).status, 200);
  const [seen] = world.origin.take();
  for (const name of ["upgrade", "http2-settings"]) assert.equal(headerOf(seen, name), undefined, name);
});

test("no cache may answer in the origin's place, whatever the client says to caches", async () => {
  for (const [value, expected] of [
    ["only-if-cached", "no-cache"],
    ["only-if-cached, max-stale=60", "no-cache"],
    ["max-age=60, no-transform", "no-cache, max-age=60, no-transform"],
  ]) {
    const answer = await world.ask({ token: member.token, headers: [["cache-control", value]] });
    assert.deepEqual([answer.status, answer.text], [200, "origin"]);
    assert.equal(headerOf(world.origin.take()[0], "cache-control"), expected);
  }
});

// By each of these some program believes what somebody in front of it has found out.
const CLAIMS = [
  "Client-IP", "X-Forwarded", "X-Forwarded-Client-Cert", "X-Real-Port", "X-ProxyUser-IP", "X-Azure-ClientIP", "X-Originating-IP",
  "X-Host", "X-HTTP-Host-Override", "X-Request-URI", "X-Script-Name", "Script-Name", "X-Middleware-Subrequest", "X-Accel-Mapping",
  "X-Scheme", "X-URL-Scheme", "Front-End-Https", "HTTPS", "X-SSL-Client-Verify", "SSL-Client-Cert", "Client-Cert", "X-Client-Cert",
  "X-ARR-ClientCert", "X-User", "Remote-User", "Remote-Groups", "X-Remote-Group", "X-Auth-Request-Email", "X-WebAuth-User",
  "X-Amzn-Oidc-Identity", "X-Ms-Client-Principal-Name", "OIDC-Claim-Sub", "Proxy", "WL-Proxy-Client-IP", "X-Hasura-Role", "X-Hasura-User-Id",
  "X-Authelia-User", "X-Authentik-Username", "X-Consumer-Username", "X-Credential-Identifier", "X-Pomerium-Claim-Email", "X-Vouch-User", "Iv-User",
  "X-MS-Token-AAD-Access-Token", "Tailscale-User-Login", "Impersonate-Group", "X-Proxy-Roles", "X-Scope-OrgID", "X-Auth-Roles", "X-SPIFFE-ID",
  "L5d-Client-Id", "X-Token-User-Email", "X-JWT-Claim-Role", "HTTP-X-Forwarded-For",
];

test("what a client claims in the words of a proxy or a network does not reach the origin, in any spelling", async () => {
  const spellings = [(name) => name, (name) => name.replaceAll("-", "_").toUpperCase(), (name) => name.replaceAll("-", ".")];
  for (const spelled of spellings) {
    const headers = CLAIMS.map((name) => [spelled(name), "forged"]);
    assert.equal((await world.ask({ token: member.token, headers: [...headers, ["x-a", "harmless"]] })).status, 200);
    const [seen] = world.origin.take();
    assert.deepEqual(seen.headers.filter(([, value]) => value === "forged"), []);
    assert.equal(headerOf(seen, "x-a"), "harmless");
  }
});

test("a path may have 4096 bytes, which an origin with common limits takes with all that is said about it", async () => {
  const server = createServer((_, response) => response.end("common"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const host = "common.example.com";
  await project.route({ host, pathPrefix: "/", origin: `http://127.0.0.1:${server.address().port}` });
  const longest = `/${"a".repeat(4095)}`;
  const answer = await world.ask({ token: member.token, host, path: longest });
  assert.deepEqual([answer.status, answer.text], [200, "common"]);
  await world.refused(400, "ambiguous_path", { bearer: member, path: `${longest}a` });
  await world.refused(400, "ambiguous_path", { bearer: member, host, path: `${longest}a` });
});

test("a request that the gateway has sent itself is a loop", async () => {
  for (const value of ["token-auth-edge", "cloudflare; loops=1, Token-Auth-Edge"]) {
    await world.refused(508, "loop", { bearer: member, headers: [["cdn-loop", value]] });
  }
  const other = await world.ask({ token: member.token, headers: [["cdn-loop", "cloudflare; loops=1"]] });
  assert.equal(other.status, 200);
  assert.equal(headerOf(world.origin.take()[0], "cdn-loop"), "cloudflare; loops=1, token-auth-edge");
});

test("a route whose origin is this Worker ends at once", async () => {
  const own = world.worker.main.url;
  // For every host: one that is named cannot be an origin too.
  const everywhere = await project.route({ host: null, pathPrefix: "/loop", origin: own.origin });
  await world.refused(508, "loop", { bearer: member, host: own.host, path: "/loop" });
  await project.deleteRoute(everywhere);
  // Under another name the first round cannot know it, the second one does.
  await project.route({ host: "loop.example.com", pathPrefix: "/", origin: own.origin });
  const answer = await world.ask({ token: member.token, host: "loop.example.com" });
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [508, "loop"]);
});

test("the routes of a host that does not answer do not become errors of ours", async () => {
  const closed = await GatewayWorld.closedPort();
  await project.route({ host: "down.example.com", pathPrefix: "/", origin: `http://127.0.0.1:${closed}` });
  const answer = await world.ask({ token: member.token, host: "down.example.com" });
  assert.deepEqual([answer.status, JSON.parse(answer.text).code], [502, "origin_unreachable"]);
});

test("a route keeps Authorization, adds headers, and replaces the client's in every spelling, if it says so", async () => {
  const host = "options.example.com";
  const headers = [{ name: "x-environment", value: "production" }, { name: "x-empty", value: "" }];
  await project.route({ host, pathPrefix: "/", origin: world.origin.url, keepAuthorization: true, headers });
  const forged = ["x-environment", "X-Environment", "x_environment", "X.Environment"].map((name) => [name, "evil"]);
  assert.equal((await world.ask({ token: member.token, host, headers: forged })).status, 200);
  const [seen] = world.origin.take();
  assert.equal(headerOf(seen, "authorization"), `Bearer ${member.token}`);
  const environments = seen.headers.filter(([name]) => /^x.environment$/.test(name));
  assert.deepEqual(environments, [["x-environment", "production"]]);
  assert.equal(headerOf(seen, "x-empty"), "");
});

test("the log says why, and holds no token", async () => {
  const lines = world.worker.logs.join("\n");
  assert.ok(lines.includes('"event":"gateway","code":"not_a_member"'));
  assert.ok(!/tka_[0-9A-Za-z]{76}/.test(lines), "a token is in the log");
  assert.ok(!/"(panic|internal)"|exception|Error:/.test(lines), lines.match(/.*("panic"|"internal"|exception|Error:).*/)?.[0]);
});
