// A bootstrapped installation and short ways to get identities and tokens out of it. Everything here must succeed; what
// a test is about, it asks for by itself.

import assert from "node:assert/strict";

export class Installation {
  // Bootstraps the Worker of a harness.
  static async found(harness) {
    const { api, authSecret } = harness;
    const { organization, identity } = granted(await api.bootstrap(authSecret, "Acme"));
    return new Installation(api, organization.id, identity.id, identity.credentials.token);
  }

  constructor(api, organizationId, administratorId, administrator) {
    Object.assign(this, { api, organizationId, administratorId, administrator });
  }

  // Creates an identity and returns its id.
  async identity({ name = "build-server", role = "no-access" } = {}) {
    const json = { name, role, organizationId: this.organizationId };
    return granted(await this.api.createIdentity(this.administrator, json)).identity.id;
  }

  // Creates an identity with this Token Auth configuration.
  async configured(configuration = {}, about = {}) {
    const identity = await this.identity(about);
    granted(await this.api.attachTokenAuth(this.administrator, identity, configuration));
    return identity;
  }

  // Creates a token: `token` is the secret, `id` its public name.
  async token(identity, name) {
    const created = granted(await this.api.createToken(this.administrator, identity, { name }));
    return { identity, token: created.accessToken, id: created.tokenData.id };
  }

  // Creates an identity with this configuration and a token for it.
  async issue(configuration = {}, about = {}) {
    return this.token(await this.configured(configuration, about));
  }

  // Creates an identity with Universal Auth and a client secret.
  async client(about = { role: "member" }, configuration = {}, secret = {}) {
    const identity = await this.identity(about);
    const path = `/api/v1/auth/universal-auth/identities/${identity}`;
    const manage = async (path, json) => granted(await this.api.call("POST", path, { bearer: this.administrator, json }));
    const { clientId } = (await manage(path, configuration)).identityUniversalAuth;
    const { clientSecret, clientSecretData } = await manage(`${path}/client-secrets`, secret);
    return { identity, clientId, clientSecret, secretId: clientSecretData.id };
  }

  // How often a client secret has been used.
  async clientSecretUses({ identity, secretId }) {
    const path = `/api/v1/auth/universal-auth/identities/${identity}/client-secrets/${secretId}`;
    const { clientSecretData } = granted(await this.api.call("GET", path, { bearer: this.administrator }));
    return clientSecretData.clientSecretNumUses;
  }

  // The token as the operator sees it.
  async view(id) {
    return granted(await this.api.getToken(this.administrator, id)).token;
  }

  async revoke(id) {
    granted(await this.api.revokeToken(this.administrator, id));
  }
}

// The body of an answer that must be 200.
export function granted(answer) {
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

// A list of trusted IPs as the API takes it.
export function only(...addresses) {
  return { accessTokenTrustedIps: addresses.map((ipAddress) => ({ ipAddress })) };
}
