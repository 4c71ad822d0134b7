// Changes that take a right away, and tokens that an isolate believes in when they are made.

import assert from "node:assert/strict";

import { granted, only } from "./installation.mjs";
import { eventually } from "./waiting.mjs";

// The client that the tests' tokens are used by.
export const OFFICE = "203.0.113.9";
// An address that the last trusted-IP change lets in.
export const ELSEWHERE = "192.0.2.1";

// What happens → how, and the status that a validation from the office gets from then on.
export const WITHDRAWALS = {
  "the operator revokes the token": {
    expected: 401,
    make: (installation, { id }) => installation.revoke(id),
  },
  "the holder revokes the token": {
    expected: 401,
    make: async ({ api }, { token }) => granted(await api.revokeOwn(token)),
  },
  "the trusted addresses change": {
    expected: 403,
    make: async ({ api, administrator }, { identity }) =>
      granted(await api.updateTokenAuth(administrator, identity, only(ELSEWHERE))),
  },
  "Token Auth is removed": {
    expected: 401,
    make: async ({ api, administrator }, { identity }) => granted(await api.deleteTokenAuth(administrator, identity)),
  },
  "the identity is deleted": {
    expected: 401,
    make: async ({ api, administrator }, { identity }) => granted(await api.deleteIdentity(administrator, identity)),
  },
};

// Issues a token whose records are in KV, stops KV for `isolates`, and lets them accept the token.
export async function believed(worker, installation, isolates, configuration = {}) {
  const issued = await installation.issue(configuration);
  await bothInReplica(worker, issued);
  for (const isolate of isolates) {
    await isolate.freezeReplica();
    assert.equal((await isolate.api.validate(issued.token, OFFICE)).status, 200);
  }
  return issued;
}

// Waits until KV holds the key's value, and returns it.
export async function inReplica(worker, key, pattern = /./) {
  const store = await worker.store;
  return eventually(`${key} in KV`, async () => {
    const value = await store.get(key);
    return value !== null && pattern.test(value) && value;
  });
}

// Waits until KV knows all that it needs to know about a token.
export async function bothInReplica(worker, { id, identity }) {
  await inReplica(worker, `token/${id}`);
  // The first version is from before Token Auth was attached.
  await inReplica(worker, `identity/${identity}`, /"configuration"/);
}
