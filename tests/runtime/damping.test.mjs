// Damping on the real runtime: who fails too often reads 429 in the place of a failure, and nobody else is harmed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { GatewayWorld } from "../support/gateway_world.mjs";
import { newSecret, startWorker } from "../support/harness.mjs";
import { granted, Installation, only } from "../support/installation.mjs";
import { ProtectedProject } from "../support/protected_project.mjs";
import { assertManagementError, assertOAuthError, assertProblem } from "../support/shape.mjs";
import { OFFICE } from "../support/withdrawals.mjs";

const LIMIT = 5;
const limiters = {
  FAILURE_LIMITER: { limit: LIMIT, period: 60 },
  INTROSPECTION_LIMITER: { limit: LIMIT, period: 60 },
  RENEWAL_LIMITER: { limit: LIMIT, period: 60 },
  STATUS_LIMITER: { limit: LIMIT, period: 60 },
};
const PROXY_SECRET = newSecret();
const worker = await startWorker({
  watched: true,
  isolates: ["home", "edge"],
  limiters,
  vars: { FORWARD_AUTH_SECRET: PROXY_SECRET },
});
const installation = await Installation.found(worker);
const { edge } = worker.isolates;
const { api } = edge;
const JUNK = "tka_junk";
const MANAGEMENT_429 = "Rate limit exceeded. Please try again in 10 seconds";

// An address for each test, so that they do not count against one another.
let last = 0;
const address = () => `198.51.100.${(last += 1)}`;

// Fails until 429 comes, and returns that answer. A limiter's period may begin anew on the way, hence three times the
// limit.
async function failUntilDamped(fail) {
  for (let attempt = 0; attempt < 3 * LIMIT; attempt += 1) {
    const answer = await fail();
    if (answer.status === 429) {
      assert.ok(attempt >= LIMIT, `damped after ${attempt} failures`);
      assert.equal(answer.headers.get("retry-after"), "10");
      return answer;
    }
    assert.ok([400, 401, 403].includes(answer.status), `${answer.status} ${answer.text}`);
  }
  throw new Error("never damped");
}

suite("whoever fails too often", () => {
  test("reads 429 from /validate, in its shape; others at the same time do not", async () => {
    const from = address();
    assertProblem(await failUntilDamped(() => api.validate(JUNK, from)), 429, "too_many_requests");
    assertProblem(await api.validate(undefined, from), 429, "too_many_requests");
    assert.equal((await api.validate(JUNK, address())).status, 401);
    assert.equal((await api.validate(JUNK)).status, 401, "an address that is not known is nobody's");
  });

  test("still gets its good tokens accepted, and their uses are consumed: others may be behind the same address", async () => {
    const from = address();
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 2 });
    await failUntilDamped(() => api.validate(JUNK, from));
    assert.equal((await api.validate(token, from)).body.usesRemaining, 1);
    assert.equal((await api.validate(token, from)).body.usesRemaining, 0);
    assert.equal((await api.validate(token, from)).status, 429, "used up: a failure like any other");
    const bearer = installation.administrator;
    assert.equal((await api.call("GET", "/api/v1/identities/details", { bearer, from })).status, 200);
    assert.equal((await api.introspect(token, { bearer, from })).status, 200);
  });

  test("is counted by its /64 where it has so many addresses", async () => {
    let host = 0;
    await failUntilDamped(() => api.validate(JUNK, `2001:db8:0:1::${(host += 1)}`));
    assert.equal((await api.validate(JUNK, "2001:db8:0:1:ffff::1")).status, 429);
    assert.equal((await api.validate(JUNK, "2001:db8:0:2::1")).status, 401);
  });

  test("with a token that may not be used from there does not learn that it may not, and the token lives on", async () => {
    const from = address();
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1, ...only(OFFICE) });
    assertProblem(await failUntilDamped(() => api.validate(token, from)), 429, "too_many_requests");
    assert.equal((await api.validate(token, OFFICE)).body.usesRemaining, 0);
  });

  test("at logging in is refused without asking the authority, and may do so from elsewhere", async () => {
    const from = address();
    const { clientId, clientSecret } = await installation.client({}, { lockoutEnabled: false });
    const answer = await failUntilDamped(() => api.logIn(clientId, newSecret(), from));
    assertManagementError(answer, 429, "RateLimitExceeded", MANAGEMENT_429);
    await edge.resetCounts();
    for (const secret of [newSecret(), clientSecret]) {
      assertManagementError(await api.logIn(clientId, secret, from), 429, "RateLimitExceeded", MANAGEMENT_429);
    }
    assert.deepEqual(await edge.counts(), {});
    assert.equal((await api.logIn(clientId, clientSecret, address())).status, 200);
  });

  test("at proving AUTH_SECRET, or at renewing, reads 429 too", async () => {
    const [bootstrapping, renewing] = [address(), address()];
    const bootstrap = () =>
      api.call("POST", "/api/v1/admin/bootstrap", { bearer: newSecret(), from: bootstrapping, json: {} });
    assertManagementError(await failUntilDamped(bootstrap), 429, "RateLimitExceeded", MANAGEMENT_429);
    const renew = () => api.call("POST", "/api/v1/auth/token/renew", { from: renewing, json: { accessToken: JUNK } });
    assertManagementError(await failUntilDamped(renew), 429, "RateLimitExceeded", MANAGEMENT_429);
    // A good token is renewed all the same.
    const { token } = await installation.issue({ accessTokenTTL: 60, accessTokenMaxTTL: 3600 });
    const json = { accessToken: token };
    granted(await api.call("POST", "/api/v1/auth/token/renew", { from: renewing, json }));
  });

  test("as a client at the OAuth endpoints reads 429 there, and its right secret is not looked at either", async () => {
    const from = address();
    const client = await installation.client({ role: "member" }, { lockoutEnabled: false });
    const guess = { clientId: client.clientId, clientSecret: newSecret() };
    const answer = await failUntilDamped(() => api.revokeByOAuth(JUNK, { basic: guess, from }));
    assertOAuthError(answer, 429, "too_many_requests");
    await edge.resetCounts();
    assertOAuthError(await api.introspect(JUNK, { basic: client, from }), 429, "too_many_requests");
    assertOAuthError(await api.revokeByOAuth(JUNK, { basic: client, from }), 429, "too_many_requests");
    assert.deepEqual(await edge.counts(), {});
    // Possession needs no guess.
    const { token } = await installation.issue();
    assert.equal((await api.revokeByOAuth(token, { from })).status, 200);
  });
});

suite("behind a reverse proxy", () => {
  const PROXY = address();

  function ask(client, token, { secret = PROXY_SECRET, uri = "/items" } = {}) {
    const headers = {
      "token-auth-proxy-secret": secret,
      "x-forwarded-method": "GET",
      "x-forwarded-uri": uri,
      "x-forwarded-host": "api.example.com",
      "x-forwarded-for": client,
      "token-auth-upgrade": "none",
    };
    return api.call("GET", "/authz/caddy", { bearer: token, from: PROXY, headers });
  }

  test("a failure counts against the client that the proxy reports, and against no other client of it", async () => {
    const client = address();
    assertProblem(await failUntilDamped(() => ask(client, JUNK)), 429, "too_many_requests");
    assert.equal((await api.validate(JUNK, client)).status, 429, "it is the same client everywhere");
    assert.equal((await ask(address(), JUNK)).status, 401);
    assert.equal((await api.validate(JUNK, PROXY)).status, 401);
  });

  test("its good tokens go on working", async () => {
    const client = address();
    const project = await ProtectedProject.create(installation);
    const { token } = await project.member("viewer");
    await failUntilDamped(() => ask(client, JUNK));
    assert.equal((await ask(client, token)).status, 200);
  });

  test("who guesses at the secret of the proxies is damped by its own address, whoever it names", async () => {
    const [client, guesser] = [address(), address()];
    const headers = { "token-auth-proxy-secret": newSecret(), "x-forwarded-for": client };
    const guess = () => api.call("GET", "/authz/caddy", { from: guesser, headers });
    assertProblem(await failUntilDamped(guess), 429, "too_many_requests");
    assert.equal((await ask(client, JUNK)).status, 401);
  });

  test("a question that cannot be read counts against nobody: it may be of any client", async () => {
    for (let attempt = 0; attempt < 3 * LIMIT; attempt += 1) {
      assert.equal((await ask("nonsense", JUNK)).status, 400);
    }
    assert.equal((await ask(address(), JUNK)).status, 401);
  });
});

suite("whoever fails too often at the gateway", async () => {
  const world = await GatewayWorld.start({
    limiters,
    origin: { answer: (request, response) => response.writeHead(request.url === "/missing" ? 401 : 200).end("origin") },
  });

  // The answer in the form in which `failUntilDamped` looks at answers.
  async function ask(options) {
    const answer = await world.ask(options);
    const headers = { get: (name) => answer.header(name) ?? null };
    return { status: answer.status, headers, text: answer.text, body: JSON.parse(answer.text) };
  }

  test("reads 429, in its shape, in the place of every failure; others at the same time do not", async () => {
    const [from, powerless] = [address(), await world.addMember("no-access")];
    assertProblem(await failUntilDamped(() => ask({ from, token: JUNK })), 429, "too_many_requests");
    for (const failure of [{}, { token: powerless.token }, { path: "//" }, { method: "POST", headers: [["upgrade", "websocket"]] }]) {
      assertProblem(await ask({ from, token: JUNK, ...failure }), 429, "too_many_requests");
    }
    assert.equal((await ask({ from: address(), token: JUNK })).status, 401);
    assert.equal((await ask({ from: undefined, token: JUNK })).status, 401, "an address that is not known is nobody's");
    assert.deepEqual(world.origin.take(), []);
    assert.equal(await world.uses(powerless), 0);
  });

  test("still gets good requests sent on, each for one use: others may be behind the same address", async () => {
    const [from, member] = [address(), await world.addMember()];
    await failUntilDamped(() => ask({ from, token: JUNK }));
    for (let use = 1; use <= 2; use += 1) {
      assert.equal((await world.ask({ from, token: member.token })).status, 200);
      assert.equal(await world.uses(member), use);
    }
    assert.equal(world.origin.take().length, 2);
  });

  test("is not damped by what an origin answers", async () => {
    const [from, member] = [address(), await world.addMember()];
    for (let attempt = 0; attempt < 3 * LIMIT; attempt += 1) {
      assert.equal((await world.ask({ from, token: member.token, path: "/missing" })).status, 401);
    }
    assert.equal(world.origin.take().length, 3 * LIMIT);
    assert.equal((await ask({ from, token: JUNK })).status, 401);
  });
});

suite("a management call that a known caller may not make", () => {
  test("is 403 however often it is made", async () => {
    const from = address();
    const { token } = await installation.issue();
    for (let call = 0; call < 3 * LIMIT; call += 1) {
      const path = `/api/v1/identities/${installation.administratorId}`;
      assert.equal((await api.call("GET", path, { bearer: token, from })).status, 403);
    }
  });
});

suite("what reaches the authority each time is limited by itself", () => {
  async function until429(ask) {
    const answers = [];
    for (let call = 0; call <= 2 * LIMIT; call += 1) answers.push(await ask());
    const refused = answers.filter(({ status }) => status === 429);
    assert.ok(refused.length >= 1, "never limited");
    assert.ok(answers.slice(0, LIMIT).every(({ status }) => status === 200), "limited too early");
    return refused.at(-1);
  }

  test("introspection", async () => {
    const from = address();
    const client = await installation.client();
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 100 });
    const parameters = { consume: "true" };
    const answer = await until429(() => api.introspect(token, { basic: client, from }, parameters));
    assertOAuthError(answer, 429, "too_many_requests");
    await edge.resetCounts();
    assert.equal((await api.introspect(token, { basic: client, from }, parameters)).status, 429);
    assert.deepEqual(await edge.counts(), {});
    // Another resource server goes on.
    assert.equal((await api.introspect(token, { basic: client, from: address() })).body.active, true);
  });

  test("renewing", async () => {
    const from = address();
    const { token } = await installation.issue({ accessTokenTTL: 60, accessTokenMaxTTL: 3600 });
    const json = { accessToken: token };
    const renew = (client) => api.call("POST", "/api/v1/auth/token/renew", { from: client, json });
    assertManagementError(await until429(() => renew(from)), 429, "RateLimitExceeded", MANAGEMENT_429);
    await edge.resetCounts();
    assert.equal((await renew(from)).status, 429);
    assert.deepEqual(await edge.counts(), {});
    // From elsewhere the same token is renewed.
    granted(await renew(address()));
  });

  test("and the status", async () => {
    const from = address();
    const answer = await until429(() => api.call("GET", "/api/status", { from }));
    assertManagementError(answer, 429, "RateLimitExceeded", MANAGEMENT_429);
    assert.equal((await api.call("GET", "/healthz", { from: address() })).status, 200);
  });
});

test("without the bindings nothing is damped", async () => {
  const free = await startWorker();
  for (let attempt = 0; attempt < 3 * LIMIT; attempt += 1) {
    assert.equal((await free.api.validate(JUNK, OFFICE)).status, 401);
  }
});

test("a limiter that fails or hangs turns no no into a yes and no answer into a defect", async () => {
  const from = address();
  for (const fault of ["fail", "hang", "garbage"]) {
    await edge.fail({ "worker.FAILURE_LIMITER.limit": { fault } });
    for (let attempt = 0; attempt < LIMIT + 2; attempt += 1) {
      assertProblem(await api.validate(JUNK, from), 401, "invalid_token", /^Bearer /);
    }
  }
  await edge.fail({});
  await failUntilDamped(() => api.validate(JUNK, from));
});
