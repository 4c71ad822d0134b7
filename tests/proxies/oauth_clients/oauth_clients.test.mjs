// The OAuth clients that resource servers use, unchanged, against the Worker: discovery, introspection, revocation.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import tokenIntrospection from "token-introspection";

import { newSecret, startWorker } from "../../support/harness.mjs";
import { granted, Installation, only } from "../../support/installation.mjs";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api } = worker;
const { clientId, clientSecret } = await installation.client();
const issuer = api.url;
const isAlive = async (token) => (await api.validate(token)).status === 200;

suite("oauth4webapi", () => {
  const local = { [oauth.allowInsecureRequests]: true };
  const client = { client_id: clientId };

  async function discover() {
    const response = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...local });
    return oauth.processDiscoveryResponse(new URL(issuer.origin), response);
  }

  async function introspect(authentication, token, parameters) {
    const server = await discover();
    const options = { ...local, additionalParameters: parameters };
    const response = await oauth.introspectionRequest(server, client, authentication, token, options);
    return oauth.processIntrospectionResponse(server, client, response);
  }

  const METHODS = {
    "client_secret_basic": oauth.ClientSecretBasic(clientSecret),
    "client_secret_post": oauth.ClientSecretPost(clientSecret),
  };

  test("finds only methods that it may use", async () => {
    const server = await discover();
    for (const method of Object.keys(METHODS)) {
      assert.ok(server.introspection_endpoint_auth_methods_supported.includes(method), method);
      assert.ok(server.revocation_endpoint_auth_methods_supported.includes(method), method);
    }
  });

  for (const [method, authentication] of Object.entries(METHODS)) {
    test(`introspects with ${method}`, async () => {
      const { identity, token, id } = await installation.issue();
      const claims = await introspect(authentication, token);
      assert.deepEqual([claims.active, claims.sub, claims.jti, claims.exp], [true, identity, id, undefined]);
      await installation.revoke(id);
      assert.deepEqual(await introspect(authentication, token), { active: false });
      assert.deepEqual(await introspect(authentication, "junk"), { active: false });
    });

    test(`revokes with ${method}`, async () => {
      const { accessToken } = granted(await api.logIn(clientId, clientSecret));
      assert.equal(await isAlive(accessToken), true);
      const response = await oauth.revocationRequest(await discover(), client, authentication, accessToken, local);
      await oauth.processRevocationResponse(response);
      assert.equal(await isAlive(accessToken), false);
    });
  }

  test("passes its client's address on, and consumes a use when it says so", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 1, ...only("203.0.113.9") });
    const authentication = METHODS.client_secret_basic;
    assert.deepEqual(await introspect(authentication, token), { active: false });
    const parameters = { client_ip: "203.0.113.9", consume: "true" };
    assert.equal((await introspect(authentication, token, parameters)).usesRemaining, 0);
    assert.deepEqual(await introspect(authentication, token, parameters), { active: false });
  });

  test("understands why it is refused", async () => {
    const { token } = await installation.issue();
    for (const authentication of [oauth.ClientSecretBasic(newSecret()), oauth.ClientSecretPost("guess"), oauth.None()]) {
      const refused = introspect(authentication, token);
      await assert.rejects(refused, (error) => {
        assert.ok(error instanceof oauth.WWWAuthenticateChallengeError, `${error}`);
        assert.equal(error.status, 401);
        assert.equal(error.cause[0].scheme, "basic");
        return true;
      });
    }
  });

  test("revokes as a public client what it holds", async () => {
    const { token } = await installation.issue();
    const response = await oauth.revocationRequest(await discover(), { client_id: "app" }, oauth.None(), token, local);
    await oauth.processRevocationResponse(response);
    assert.equal(await isAlive(token), false);
  });
});

suite("openid-client", () => {
  const discover = (secret) =>
    openid.discovery(issuer, clientId, secret, undefined, {
      algorithm: "oauth2",
      execute: [openid.allowInsecureRequests],
    });

  test("discovers, introspects and revokes with what it does by default", async () => {
    const configuration = await discover(clientSecret);
    const { accessToken } = granted(await api.logIn(clientId, clientSecret));
    const claims = await openid.tokenIntrospection(configuration, accessToken);
    assert.equal(claims.active, true);
    assert.equal(claims.client_id, clientId);
    await openid.tokenRevocation(configuration, accessToken);
    assert.deepEqual(await openid.tokenIntrospection(configuration, accessToken), { active: false });
  });

  test("is refused with a wrong secret", async () => {
    const configuration = await discover(newSecret());
    const { token } = await installation.issue();
    await assert.rejects(openid.tokenIntrospection(configuration, token), { status: 401 });
  });
});

suite("token-introspection", () => {
  const endpoint = `${issuer.origin}/oauth2/introspect`;
  const { IntrospectionError, TokenNotActiveError } = tokenIntrospection.errors;

  test("introspects with its credentials as they are, and with an access token", async () => {
    const { identity, token, id } = await installation.issue();
    const asClient = tokenIntrospection({ endpoint, client_id: clientId, client_secret: clientSecret });
    const asBearer = tokenIntrospection({ endpoint, access_token: installation.administrator });
    for (const introspect of [asClient, asBearer]) {
      assert.equal((await introspect(token, "access_token")).sub, identity);
    }
    await installation.revoke(id);
    for (const introspect of [asClient, asBearer]) await assert.rejects(introspect(token), TokenNotActiveError);
  });

  test("is refused with a wrong secret, and does not take that for an inactive token", async () => {
    const { token } = await installation.issue();
    const introspect = tokenIntrospection({ endpoint, client_id: clientId, client_secret: newSecret() });
    await assert.rejects(introspect(token), (error) => {
      assert.ok(error instanceof IntrospectionError && !(error instanceof TokenNotActiveError), `${error}`);
      assert.match(error.message, /Server error 401/);
      return true;
    });
  });
});
