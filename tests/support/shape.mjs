// Whole bodies compared with what they must be; what differs each time is compared by its form.

import assert from "node:assert/strict";

import { TOKEN_PATTERN } from "./api.mjs";

export const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
export const TOKEN = new RegExp(`^${TOKEN_PATTERN.source}$`);
export const REQUEST_ID = /^req-[0-9a-z]{14}$/;

// `expected` is a value like `actual` with regular expressions in the place of texts. Keys must be the same.
export function assertShape(actual, expected) {
  assert.deepEqual(redact(actual, expected), redact(expected, expected));
}

// Replaces each text that has the expected form by the name of that form.
function redact(actual, expected) {
  if (expected instanceof RegExp) {
    return actual === expected || (typeof actual === "string" && expected.test(actual)) ? String(expected) : actual;
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((element, index) => redact(element, expected[index]));
  }
  if (isObject(actual) && isObject(expected)) {
    return Object.fromEntries(Object.entries(actual).map(([key, value]) => [key, redact(value, expected[key])]));
  }
  return actual;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof RegExp);
}

// The bound, and a second for the acknowledgement, after a moment since `started`.
export function assertInForceEverywhereAt(at, started) {
  const acknowledged = Date.parse(at) - 11_000;
  assert.ok(acknowledged >= started && acknowledged <= Date.now(), at);
}

// A management answer that refuses, as Infisical's clients read it.
export function assertManagementError(answer, statusCode, error, message, details) {
  assert.equal(answer.status, statusCode, answer.text);
  const body = { reqId: REQUEST_ID, statusCode, message, error };
  assertShape(answer.body, details === undefined ? body : { ...body, details });
  assert.equal(answer.headers.get("x-request-id"), answer.body.reqId);
  assertCommonHeaders(answer);
}

// A data-plane answer that refuses (RFC 9457), with its challenge (RFC 6750).
export function assertProblem(answer, status, code, challenge = null) {
  assert.equal(answer.status, status, answer.text);
  assertShape(answer.body, {
    type: `urn:token-auth-edge:problem:${code}`,
    title: /./,
    status,
    detail: /./,
    code,
    requestId: REQUEST_ID,
  });
  assert.equal(answer.headers.get("content-type"), "application/problem+json");
  const got = answer.headers.get("www-authenticate");
  if (challenge === null) assert.equal(got, null);
  else assert.match(got ?? "", challenge);
  assertCommonHeaders(answer);
}

// What every answer says about itself.
export function assertCommonHeaders(answer) {
  assert.equal(answer.headers.get("cache-control"), "no-store");
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  assert.match(answer.headers.get("x-request-id") ?? "", REQUEST_ID);
  // What the Directory tells the control Worker alone.
  assert.equal(answer.headers.get("token-auth-counts-as-use"), null);
  // … and the control Worker the edge alone.
  assert.equal(answer.headers.get("token-auth-may-have-changed"), null);
}

// An answer of an OAuth endpoint that refuses (RFC 6749 §5.2), with its challenge.
export function assertOAuthError(answer, status, error, challenge = null) {
  assert.equal(answer.status, status, answer.text);
  assertShape(answer.body, { error, error_description: /./ });
  const got = answer.headers.get("www-authenticate");
  if (challenge === null) assert.equal(got, null);
  else assert.match(got ?? "", challenge);
  assertCommonHeaders(answer);
}

// What introspection says of a token that is not active, whatever the reason (RFC 7662 §2.2).
export function assertInactive(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.text, '{"active":false}');
  assert.equal(answer.headers.get("pragma"), "no-cache");
  assertCommonHeaders(answer);
}
