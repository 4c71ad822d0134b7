// Bodies that nobody well-behaved sends: always a documented 4xx, never a 5xx, never a hang, and nothing has changed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { granted } from "../support/installation.mjs";
import { sendRaw } from "../support/raw.mjs";
import { assertManagementError } from "../support/shape.mjs";
import { IDENTITIES, Target } from "../support/target.mjs";

const target = await Target.start();
const { administrator, configuration, organizationId } = target;
const JSON_TYPE = "application/json";

// Sends a body as the administrator.
function post(path, body, contentType = JSON_TYPE, more = {}) {
  const headers = { ...target.authorization, ...(contentType && { "content-type": contentType }), ...more };
  return sendRaw(target.url, { method: "POST", path, headers, body });
}

// Takes as long as the Worker waits for a body, so it begins before all others.
const unfinished = sendRaw(target.url, {
  method: "POST",
  path: IDENTITIES,
  headers: { ...target.authorization, "content-type": JSON_TYPE, "content-length": "20" },
  body: ['{"name"'],
  open: true,
});
unfinished.catch(() => {});

const VALID = JSON.stringify({ name: "x", organizationId });
const INVALID_JSON = [400, "FST_ERR_CTP_INVALID_JSON_BODY"];
const TOO_LARGE = [413, "FST_ERR_CTP_BODY_TOO_LARGE"];
const MEDIA_TYPE = [415, "FST_ERR_CTP_INVALID_MEDIA_TYPE"];
const VALIDATION = [422, "ValidationFailure"];

const large = (size) => JSON.stringify({ name: "x", organizationId, padding: "p".repeat(size) });

const BODIES = {
  "a text that says it is a text": [VALID, "text/plain", MEDIA_TYPE],
  "a body of an unknown type": [VALID, "application/xml", MEDIA_TYPE],
  "a multipart body": [VALID, "multipart/form-data; boundary=x", MEDIA_TYPE],
  "a type that only begins like JSON": [VALID, "application/jsonp", MEDIA_TYPE],
  "broken JSON": [VALID.slice(0, -1), JSON_TYPE, INVALID_JSON],
  "JSON with something behind it": [`${VALID} x`, JSON_TYPE, INVALID_JSON],
  "JSON as JavaScript would have it": ["{name:'x'}", JSON_TYPE, INVALID_JSON],
  "a number that is none": ['{"name":"x","organizationId":NaN}', JSON_TYPE, INVALID_JSON],
  "a lone surrogate": ['{"name":"\\ud800"}', JSON_TYPE, INVALID_JSON],
  "bytes that are no UTF-8": [Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), JSON_TYPE, INVALID_JSON],
  "a byte order mark": [`\ufeff${VALID}`, JSON_TYPE, INVALID_JSON],
  "brackets, 60,000 deep": ["[".repeat(60_000), JSON_TYPE, INVALID_JSON],
  "objects, 10,000 deep": ['{"a":'.repeat(10_000), JSON_TYPE, INVALID_JSON],
  "70 KB": [large(70_000), JSON_TYPE, TOO_LARGE],
  "70 KB in chunks, without a length": [large(70_000).match(/.{1,1000}/g), JSON_TYPE, TOO_LARGE],
  "70 KB of an unknown type": ["x".repeat(70_000), "text/plain", TOO_LARGE],
  "an array": ["[]", JSON_TYPE, VALIDATION],
  "a text": ['"name"', JSON_TYPE, VALIDATION],
  null: ["null", JSON_TYPE, VALIDATION],
  "nothing": ["", JSON_TYPE, VALIDATION],
  "nothing of no type": [undefined, undefined, VALIDATION],
  "an empty object": ["{}", JSON_TYPE, VALIDATION],
  "a form without the fields": ["a=b", "application/x-www-form-urlencoded", VALIDATION],
  "a name that is no text": [JSON.stringify({ name: { toString: "x" }, organizationId }), JSON_TYPE, VALIDATION],
  "a name with a control character": [JSON.stringify({ name: "a\0b", organizationId }), JSON_TYPE, VALIDATION],
  "a name of 10,000 characters": [JSON.stringify({ name: "n".repeat(10_000), organizationId }), JSON_TYPE, VALIDATION],
  "a name of nothing but blanks": [JSON.stringify({ name: " \t\n", organizationId }), JSON_TYPE, VALIDATION],
  "too much metadata": [
    JSON.stringify({ name: "x", organizationId, metadata: Array(101).fill({ key: "k", value: "v" }) }),
    JSON_TYPE,
    VALIDATION,
  ],
};

for (const [kind, [body, contentType, [status, error]]] of Object.entries(BODIES)) {
  test(`a body that is ${kind} gets ${status} and creates nothing`, async () => {
    const answer = await post(IDENTITIES, body, contentType);
    assertManagementError(answer, status, error, answer.body.message);
    await target.assertUnchanged();
  });
}

const NUMBERS = ["1e400", "-1e400", "1e308", "18446744073709551616", "-1", "0.5", "1e-400", '"60"', "true", "null"];

for (const number of NUMBERS) {
  test(`a number like ${number} is not taken for another one`, async () => {
    for (const field of ["accessTokenTTL", "accessTokenMaxTTL", "accessTokenNumUsesLimit"]) {
      const headers = { ...target.authorization, "content-type": JSON_TYPE };
      const body = `{"${field}":${number}}`;
      const answer = await sendRaw(target.url, { method: "PATCH", path: configuration, headers, body });
      assert.ok([400, 422].includes(answer.status), `${field} ${answer.status} ${answer.text}`);
    }
    await target.assertUnchanged();
  });
}

test("a length that is a lie is not believed, and a body above the cap is not read to its end", async () => {
  const announced = { "content-length": "100000" };
  const early = await sendRaw(target.url, {
    method: "POST",
    path: IDENTITIES,
    headers: { ...target.authorization, "content-type": JSON_TYPE, ...announced },
    open: true,
  });
  assert.equal(early.status, 413);
  const endless = await sendRaw(target.url, {
    method: "POST",
    path: IDENTITIES,
    headers: { ...target.authorization, "content-type": JSON_TYPE, "transfer-encoding": "chunked" },
    body: ["x".repeat(40_000), "x".repeat(40_000)],
    open: true,
  });
  assert.equal(endless.status, 413);
});

test("a body that never comes ends in 400", async () => {
  const answer = await unfinished;
  assert.equal(answer.status, 400, answer.text);
  await target.assertUnchanged();
});

test("/validate does not look at a body, however long it is and whether it ever ends", async () => {
  const { token } = await target.installation.issue();
  const request = { method: "POST", path: "/validate", headers: { authorization: `Bearer ${token}` } };
  assert.equal((await sendRaw(target.url, { ...request, body: "x".repeat(70_000) })).status, 200);
  assert.equal((await sendRaw(target.url, { ...request, body: ["{", "x".repeat(5_000)], open: true })).status, 200);
});

test("forms and a trailing slash are accepted, as the clients send them", async () => {
  const form = new URLSearchParams({ name: "from a form", organizationId }).toString();
  const created = await post(`${IDENTITIES}/`, form, "application/x-www-form-urlencoded; charset=utf-8");
  assert.equal(created.body.identity.name, "from a form");
  granted(await target.api.deleteIdentity(administrator, created.body.identity.id));
});
