// Verifies an assertion as an origin has to: by the published keys, and by what it says it is for.

import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";

// The claims of an assertion that verifies with one of these keys (RFC 7515, RFC 8037).
export function claimsOf(assertion, { keys }) {
  const [header, claims, signature, ...rest] = assertion.split(".");
  assert.deepEqual(rest, []);
  const { alg, typ, kid } = decoded(header);
  assert.deepEqual([alg, typ], ["EdDSA", "JWT"]);
  const jwk = keys.find((key) => key.kid === kid);
  assert.ok(jwk, `no key ${kid}`);
  const key = createPublicKey({ key: jwk, format: "jwk" });
  const signed = Buffer.from(`${header}.${claims}`);
  assert.ok(verify(null, signed, key, Buffer.from(signature, "base64url")), "the signature does not verify");
  return decoded(claims);
}

function decoded(part) {
  return JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
}
