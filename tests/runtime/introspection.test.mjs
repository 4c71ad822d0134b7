// RFC 7662 on the real runtime: what a resource server reads, what it must show, and what its questions cost.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { newSecret, startWorker } from "../support/harness.mjs";
import { granted, Installation, only } from "../support/installation.mjs";
import { sendRaw } from "../support/raw.mjs";
import { assertCommonHeaders, assertInactive, assertOAuthError, assertShape, DATE, ID } from "../support/shape.mjs";
import { eventually, until } from "../support/waiting.mjs";
import { believed, ELSEWHERE, OFFICE, WITHDRAWALS } from "../support/withdrawals.mjs";

const BOUND = 2_000;
const worker = await startWorker({
  watched: true,
  isolates: ["home", "edge"],
  vars: { MAX_STALENESS_SECONDS: `${BOUND / 1000}` },
});
const installation = await Installation.found(worker);
const { edge } = worker.isolates;
// Introspection is answered by the control Worker; the question comes through an isolate of the edge.
const { control } = worker;
const { api } = edge;
const server = await installation.client();
const stranger = await installation.client({ role: "no-access" });

// The question of a resource server that may read every identity.
const ask = (token, parameters) => api.introspect(token, { basic: server }, parameters);
const isActive = async (token, parameters) => granted(await ask(token, parameters)).active;
const forged = (token) => token.slice(0, -1) + (token.endsWith("A") ? "B" : "A");
// The count that the operator sees follows a moment later.
const seesUses = (id, uses) =>
  eventually(`${uses} uses`, async () => (await installation.view(id)).accessTokenNumUses === uses);

suite("a resource server reads who the bearer is", () => {
  test("of a token of Token Auth", async () => {
    const { identity, token, id } = await installation.issue({}, { name: "billing" });
    const answer = await ask(token);
    assert.equal(answer.status, 200);
    assertShape(answer.body, {
      active: true,
      token_type: "Bearer",
      iss: api.url.origin,
      sub: identity,
      username: "billing",
      jti: id,
      iat: answer.body.iat,
      tokenName: null,
      organizationId: installation.organizationId,
      role: "no-access",
      authMethod: "token-auth",
      expiresAt: DATE,
      usesRemaining: null,
      projects: [],
    });
    assert.ok(Math.abs(answer.body.iat - Date.now() / 1000) < 60, `${answer.body.iat}`);
    assert.equal(answer.headers.get("pragma"), "no-cache");
    assertCommonHeaders(answer);
  });

  test("of a token that was obtained by a login, with the client's id", async () => {
    const { accessToken } = granted(await worker.api.logIn(server.clientId, server.clientSecret));
    const { body } = await ask(accessToken);
    assert.equal(body.client_id, server.clientId);
    assert.equal(body.authMethod, "universal-auth");
    assert.match(body.jti, ID);
  });

  test("with its credentials in the body, or as a bearer, or form-encoded in the header", async () => {
    const { token } = await installation.issue();
    const { clientId, clientSecret } = server;
    const inBody = { client_id: clientId, client_secret: clientSecret };
    assert.equal((await api.introspect(token, {}, inBody)).body.active, true);
    assert.equal((await api.introspect(token, { bearer: installation.administrator })).body.active, true);
    const encoded = { clientId: clientId.replaceAll("-", "%2D"), clientSecret };
    assert.equal((await api.introspect(token, { basic: encoded })).body.active, true);
    assert.equal(await isActive(token, { token_type_hint: "refresh_token", unknown: "x" }), true);
  });
});

suite("inactive is all that is said of", () => {
  test("a token that is junk, forged, of another installation, revoked, expired or used up", async () => {
    const other = await Installation.found(await startWorker());
    const { token: foreign } = await other.issue();
    const { token: living } = await installation.issue();
    const revoked = await installation.issue();
    await installation.revoke(revoked.id);
    const expired = await installation.issue({ accessTokenTTL: 1, accessTokenMaxTTL: 1 });
    const used = await installation.issue({ accessTokenNumUsesLimit: 1 });
    granted(await worker.api.validate(used.token, OFFICE));
    await until(Date.now() + BOUND + 1);
    for (const token of ["x", forged(living), foreign, revoked.token, expired.token, used.token, "é".repeat(80)]) {
      assertInactive(await ask(token));
    }
    assert.equal(await isActive(living), true);
  });

  test("a token of an identity that the caller may not read", async () => {
    const [mine, other] = [await installation.issue(), await installation.issue()];
    const conditions = { identityId: mine.identity };
    const permissions = [{ subject: "identity", action: "read", conditions }];
    const json = { slug: "mine-only", name: "Mine only", permissions };
    granted(await worker.api.call("POST", "/api/v1/organization/roles", { bearer: installation.administrator, json }));
    const limited = await installation.client({ role: "mine-only" });
    const about = (token) => api.introspect(token, { basic: limited });
    assert.equal((await about(mine.token)).body.active, true);
    assertInactive(await about(other.token));
    assertInactive(await about("junk"));
  });
});

suite("a caller must be authenticated", () => {
  const INVALID = "invalid_client";

  test("and is challenged for what it tried", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 5 });
    const consume = { consume: "true" };
    const either = /^Basic realm="token-auth".*, Bearer realm="token-auth"$/;
    const basic = /^Basic realm="token-auth", charset="UTF-8"$/;
    const guess = { clientId: server.clientId, clientSecret: newSecret() };
    const cases = [
      [{}, {}, 401, INVALID, either],
      [{}, { client_id: server.clientId }, 401, INVALID, either],
      [{}, { client_id: server.clientId, client_secret: newSecret() }, 401, INVALID, basic],
      [{}, { client_id: server.clientId, client_secret: "x" }, 401, INVALID, basic],
      [{ basic: guess }, {}, 401, INVALID, basic],
      [{ basic: { clientId: "x", clientSecret: "y" } }, {}, 401, INVALID, basic],
      [{ headers: { authorization: "Negotiate x" } }, {}, 401, INVALID, basic],
      [{ bearer: forged(token) }, {}, 401, "invalid_token", /^Bearer .*error="invalid_token"/],
      [{ basic: stranger }, {}, 403, "insufficient_scope", /^Bearer .*error="insufficient_scope"/],
      [{ bearer: token }, {}, 403, "insufficient_scope", /^Bearer .*error="insufficient_scope"/],
    ];
    for (const [credentials, parameters, status, error, challenge] of cases) {
      const answer = await api.introspect(token, credentials, { ...consume, ...parameters });
      assertOAuthError(answer, status, error, challenge);
    }
    const { usesRemaining } = (await ask(token)).body;
    assert.equal(usesRemaining, 5, "neither as what was asked about nor as what asked");
    // A client that may do nothing else proves itself all the same, so the lock of the guesses above is its own.
    granted(await worker.api.logIn(stranger.clientId, stranger.clientSecret));
  });

  test("in one way only", async () => {
    const { token } = await installation.issue();
    const { clientId, clientSecret } = server;
    const inBody = { client_id: clientId, client_secret: clientSecret };
    for (const [credentials, parameters] of [
      [{ basic: server }, inBody],
      [{ bearer: installation.administrator }, inBody],
      [{ bearer: installation.administrator }, { client_id: clientId }],
      [{ basic: server }, { client_id: stranger.clientId }],
    ]) {
      assertOAuthError(await api.introspect(token, credentials, parameters), 400, "invalid_request");
    }
    const authorization = `Basic ${btoa(`${clientId}:${clientSecret}`)}`;
    const answer = await sendRaw(api.url, {
      method: "POST",
      path: "/oauth2/introspect",
      headers: [
        ["authorization", authorization],
        ["authorization", authorization],
        ["content-type", "application/x-www-form-urlencoded"],
      ],
      body: `token=${token}`,
    });
    assertOAuthError(answer, 400, "invalid_request");
  });

  test("and without credentials nothing is looked up, whatever is asked", async () => {
    const { token } = await installation.issue();
    const junk = { clientId: "guess", clientSecret: "guess" };
    await control.resetCounts();
    for (const asked of [token, forged(token), "junk"]) {
      assert.equal((await api.introspect(asked)).status, 401);
      assert.equal((await api.introspect(asked, { basic: junk })).status, 401);
      assert.equal((await api.introspect(asked, { bearer: forged(token) })).status, 401);
    }
    assert.deepEqual(await control.lookUps(), {});
    assertInactive(await ask(forged(token)));
    assert.deepEqual(await control.lookUps(), { "worker.DIRECTORY.oauth": 1 }, "the client was, and nothing but the client");
  });

  test("with a client secret that has uses left: each question consumes one, and 20 at once no more than there are", async () => {
    const counted = await installation.client({ role: "member" }, {}, { numUsesLimit: 7 });
    const { token } = await installation.issue();
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.introspect(token, { basic: counted })));
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual([200, 401].map((wanted) => statuses.filter((status) => status === wanted).length), [7, 13]);
    for (const answer of answers.filter(({ status }) => status === 401)) {
      assertOAuthError(answer, 401, INVALID, /^Basic /);
    }
    assert.equal(await installation.clientSecretUses(counted), 7);
    assert.equal(await installation.clientSecretUses(server), 1, "without a limit only the login above counts");
  });

  test("and guesses lock its logins", async () => {
    const guessed = await installation.client({ role: "member" }, { lockoutThreshold: 2 });
    const { token } = await installation.issue();
    const { clientId } = guessed;
    for (let guess = 0; guess < 2; guess += 1) {
      assert.equal((await api.introspect(token, { basic: { clientId, clientSecret: newSecret() } })).status, 401);
    }
    assertOAuthError(await api.introspect(token, { basic: guessed }), 401, INVALID, /^Basic /);
    assert.match((await worker.api.logIn(clientId, guessed.clientSecret)).body.message, /temporarily locked/);
  });

  test("with a token that has uses left: a question consumes one, a refused one none", async () => {
    const asker = await installation.issue({ accessTokenNumUsesLimit: 2 }, { role: "member" });
    const { token } = await installation.issue();
    const asked = () => api.introspect(token, { bearer: asker.token });
    assertOAuthError(await api.introspect("", { bearer: asker.token }), 400, "invalid_request");
    assert.equal((await asked()).body.active, true);
    assert.equal((await asked()).body.active, true);
    assertOAuthError(await asked(), 401, "invalid_token", /^Bearer /);
  });
});

suite("the uses of a counted token", () => {
  test("are told and not consumed, unless the resource server asks for that", async () => {
    const { token, id } = await installation.issue({ accessTokenNumUsesLimit: 2 });
    for (let round = 0; round < 4; round += 1) assert.equal((await ask(token)).body.usesRemaining, 2);
    assert.equal((await ask(token, { consume: "true" })).body.usesRemaining, 1);
    assert.equal((await ask(token, { consume: "false" })).body.usesRemaining, 1);
    assert.equal((await ask(token, { consume: "true" })).body.usesRemaining, 0);
    assertInactive(await ask(token, { consume: "true" }));
    assertInactive(await ask(token));
    assert.equal((await worker.api.validate(token, OFFICE)).status, 401);
    await seesUses(id, 2);
  });

  test("are granted exactly as often as there are some, to 30 resource servers at once", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 9 });
    const answers = await Promise.all(Array.from({ length: 30 }, () => ask(token, { consume: "true" })));
    assert.equal(answers.filter(({ body }) => body.active).length, 9);
  });

  test("are not consumed by a question that is refused or answered with inactive", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1, ...only(OFFICE) });
    const consume = { consume: "true" };
    assertInactive(await ask(token, consume));
    assertInactive(await ask(token, { ...consume, client_ip: ELSEWHERE }));
    assertOAuthError(await ask(token, { ...consume, client_ip: "office" }), 400, "invalid_request");
    assertOAuthError(await ask(token, { consume: "yes", client_ip: OFFICE }), 400, "invalid_request");
    assert.equal((await api.introspect(token, {}, consume)).status, 401);
    assert.equal((await ask(token, { ...consume, client_ip: OFFICE })).body.usesRemaining, 0);
  });
});

suite("a token that is bound to addresses", () => {
  test("is active for the address that the resource server names, and for none that it does not name", async () => {
    const { token } = await installation.issue(only(OFFICE, "2001:db8::/32"));
    assertInactive(await ask(token));
    assertInactive(await ask(token, { client_ip: ELSEWHERE }));
    assert.equal(await isActive(token, { client_ip: OFFICE }), true);
    assert.equal(await isActive(token, { client_ip: `::ffff:${OFFICE}` }), true);
    assert.equal(await isActive(token, { client_ip: "2001:db8::7" }), true);
    // The resource server's own address says nothing about its client's.
    assertInactive(await api.introspect(token, { basic: server, from: OFFICE }));
  });
});

suite("requests that are not understood are refused by name", () => {
  test("and change nothing", async () => {
    const { token } = await installation.issue();
    const authorization = `Basic ${btoa(`${server.clientId}:${server.clientSecret}`)}`;
    const form = "application/x-www-form-urlencoded";
    const send = (method, type, body) =>
      api.call(method, "/oauth2/introspect", { body, headers: { authorization, "content-type": type } });
    assertOAuthError(await send("POST", form, ""), 400, "invalid_request");
    assertOAuthError(await send("POST", form, `token=${token}&token=${token}`), 400, "invalid_request");
    assertOAuthError(await send("POST", "application/json", `{"token":"${token}"}`), 415, "invalid_request");
    assertOAuthError(await send("POST", form, `token=${"x".repeat(66_000)}`), 413, "invalid_request");
    assertOAuthError(await send("POST", form, Buffer.from("token=\xff", "latin1")), 400, "invalid_request");
    const wrongMethod = await send("GET", form);
    assertOAuthError(wrongMethod, 405, "invalid_request");
    assert.equal(wrongMethod.headers.get("allow"), "POST");
    assertInactive(await send("POST", form, "token=%00%ff%zz"));
    assert.equal((await api.call("POST", `/oauth2/introspect?token=${token}`, { form: {}, basic: server })).status, 400);
  });
});

suite("what cannot be known is no inactive", () => {
  const unavailable = (answer) => {
    assertOAuthError(answer, 503, "temporarily_unavailable");
    assert.equal(answer.headers.get("retry-after"), "1");
  };

  test("but 503, without the authority or the counter", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 3 });
    assert.equal(await isActive(token), true);
    try {
      await control.fail({ "worker.DIRECTORY.oauth": { fault: "fail" } });
      unavailable(await ask(token));
      unavailable(await api.revokeByOAuth(token));
      await control.fail({ "worker.USE_COUNTER.*": { fault: "fail" } });
      unavailable(await ask(token));
      unavailable(await ask(token, { consume: "true" }));
      await until(Date.now() + BOUND + 1);
      await control.fail({ "worker.DIRECTORY.changes": { fault: "fail" } });
      unavailable(await ask(token));
    } finally {
      await control.fail({});
    }
    assert.equal((await ask(token)).body.usesRemaining, 3);
  });
});

suite("what is taken away is gone from introspection within the bound, whatever KV says:", () => {
  for (const [what, { make, expected }] of Object.entries(WITHDRAWALS)) {
    test(what, async () => {
      const subject = await believed(worker, installation, [edge]);
      await control.freezeReplica();
      assert.equal(await isActive(subject.token, { client_ip: OFFICE }), true);
      await make(installation, subject);
      await until(Date.now() + BOUND + 1);
      assertInactive(await ask(subject.token, { client_ip: OFFICE }));
      assert.equal((await api.validate(subject.token, OFFICE)).status, expected);
    });
  }
});

suite("the metadata", () => {
  test("name the endpoints under the issuer", async () => {
    const path = "/.well-known/oauth-authorization-server";
    const answer = await api.call("GET", path);
    const { origin } = api.url;
    assert.equal(answer.status, 200);
    assert.equal(answer.body.issuer, origin);
    assert.equal(answer.body.introspection_endpoint, `${origin}/oauth2/introspect`);
    assert.equal(answer.body.revocation_endpoint, `${origin}/oauth2/revoke`);
    assertCommonHeaders(answer);
    const named = await startWorker({ vars: { ISSUER: "https://auth.example" } });
    assert.equal((await named.api.call("GET", path)).body.issuer, "https://auth.example");
    assertOAuthError(await api.call("POST", path), 405, "invalid_request");
    for (const other of [`${path}/`, "/.well-known/openid-configuration"]) {
      assert.notEqual((await api.call("GET", other)).status, 200, other);
    }
  });
});
