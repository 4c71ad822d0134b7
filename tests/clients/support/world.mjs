// The Worker as an official client meets it, and credentials in every state that a client can be refused for.
//
// The statuses and messages in the two tables are Infisical's. They are written down here once, and every client must
// show them to its user.

import { startWorker } from "../../support/harness.mjs";
import { granted, Installation } from "../../support/installation.mjs";
import { Api } from "../../support/api.mjs";
import { until } from "../../support/waiting.mjs";

// Addresses that are reserved for documentation: no client on this machine has one of them.
export const OFFICE_ONLY = [{ ipAddress: "203.0.113.0/24" }];
// Seconds: the shortest life there is.
const SHORTEST_LIFE = 1;

// About an identity that may do everything.
export const ADMIN = { role: "admin" };

const UNAUTHORIZED = { status: 401, error: "UnauthorizedError" };
const FOREIGN_ADDRESS = {
  status: 403,
  error: "ForbiddenError",
  message: "You are not allowed to access this resource from the current IP address",
};

// What Infisical says about a route that it does not have; it is said here about what this product leaves out.
export const noRoute = (method, path) =>
  `Route ${method}:${path} not found. The OpenAPI spec listing all available routes is at GET /api/docs/json.`;

export class World {
  // Starts a Worker for the tests of this file and bootstraps it.
  static async begin() {
    const worker = await startWorker();
    return new World(worker, await Installation.found(worker));
  }

  constructor(worker, installation) {
    this.installation = installation;
    this.url = worker.entrance.origin;
    this.authSecret = worker.authSecret;
    this.api = new Api(this.url);
    this.administrator = installation.administrator;
    this.organizationId = installation.organizationId;
  }

  // What the administrator does; it must succeed.
  async manage(method, path, json) {
    return granted(await this.api.call(method, path, { bearer: this.administrator, json }));
  }

  // An identity with Token Auth and a token that works.
  issue(configuration = {}, about = {}) {
    return this.installation.issue(configuration, about);
  }

  // An identity with Universal Auth and a client secret that works.
  async credentials(configuration = {}, secret = {}, about = {}) {
    const identity = await this.installation.identity(about);
    const path = `/api/v1/auth/universal-auth/identities/${identity}`;
    const { clientId } = (await this.manage("POST", path, configuration)).identityUniversalAuth;
    const made = await this.manage("POST", `${path}/client-secrets`, secret);
    return { identity, path, clientId, clientSecret: made.clientSecret, id: made.clientSecretData.id };
  }

  login({ clientId, clientSecret }) {
    return this.api.call("POST", "/api/v1/auth/universal-auth/login", { json: { clientId, clientSecret } });
  }
}

// An access token that is refused → how one is made, and the answer to whoever uses it. Each belongs to an identity that
// may do everything, so that nothing else refuses it first: its uses are looked at last.
export const TOKEN_REFUSALS = {
  "a revoked token": {
    ...UNAUTHORIZED,
    message: "Failed to authorize: token has been revoked",
    make: async (world) => {
      const { token, id } = await world.issue({}, ADMIN);
      await world.installation.revoke(id);
      return token;
    },
  },
  "a token whose uses are used up": {
    ...UNAUTHORIZED,
    message: "Failed to authorize: token usage limit reached",
    make: async (world) => {
      const { token } = await world.issue({ accessTokenNumUsesLimit: 2 }, ADMIN);
      for (let use = 0; use < 2; use += 1) granted(await world.api.validate(token));
      return token;
    },
  },
  "a token that is used from an address that is not trusted": {
    ...FOREIGN_ADDRESS,
    make: async (world) => (await world.issue({ accessTokenTrustedIps: OFFICE_ONLY }, ADMIN)).token,
  },
  "a token that has expired": {
    // DIFFERENCE: 403 in Infisical, so that clients did not look for a new token.
    status: 401,
    error: "TokenError",
    message: "Your token has expired. Please re-authenticate.",
    make: async (world) => {
      const { token } = await world.issue({ accessTokenTTL: SHORTEST_LIFE }, ADMIN);
      await until(Date.now() + SHORTEST_LIFE * 1000 + 50);
      return token;
    },
  },
  "a text that is no token": {
    // DIFFERENCE: 403 in Infisical, so that clients did not look for a new token.
    status: 401,
    error: "TokenError",
    message: "The provided access token is malformed. Please use a valid token or generate a new one and try again.",
    make: async () => "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
  },
};

// A client secret that is refused → how one is made, and the answer to whoever logs in with it.
export const SECRET_REFUSALS = {
  "a revoked client secret": {
    ...UNAUTHORIZED,
    message: "Invalid credentials",
    make: async (world) => {
      const made = await world.credentials();
      await world.manage("POST", `${made.path}/client-secrets/${made.id}/revoke`, {});
      return made;
    },
  },
  "a client secret whose uses are used up": {
    ...UNAUTHORIZED,
    message: "Access denied due to client secret usage limit reached",
    make: async (world) => {
      const made = await world.credentials({}, { numUsesLimit: 1 });
      granted(await world.login(made));
      return made;
    },
  },
  "a client secret that is used from an address that is not trusted": {
    ...FOREIGN_ADDRESS,
    make: (world) => world.credentials({ clientSecretTrustedIps: OFFICE_ONLY }),
  },
  "a client secret that has expired": {
    ...UNAUTHORIZED,
    message: "Access denied due to expired client secret",
    make: async (world) => {
      const made = await world.credentials({}, { ttl: SHORTEST_LIFE });
      await until(Date.now() + SHORTEST_LIFE * 1000 + 50);
      return made;
    },
  },
  "another client secret": {
    ...UNAUTHORIZED,
    message: "Invalid credentials",
    make: async (world) => ({ ...(await world.credentials()), clientSecret: "0".repeat(64) }),
  },
  "a client secret while logins are locked": {
    ...UNAUTHORIZED,
    message: "This identity auth method is temporarily locked, please try again later",
    make: async (world) => {
      const made = await world.credentials({ lockoutThreshold: 1 });
      await world.login({ ...made, clientSecret: "0".repeat(64) });
      return made;
    },
  },
};
