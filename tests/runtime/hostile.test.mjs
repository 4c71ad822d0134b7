// Input that nobody well-behaved sends: always a documented 4xx, never a 5xx, never a hang, and nothing has changed.

import assert from "node:assert/strict";
import { suite, test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted } from "../support/installation.mjs";
import { sendRaw } from "../support/raw.mjs";
import { assertManagementError } from "../support/shape.mjs";

const worker = await startWorker();
const installation = await Installation.found(worker);
const { api, main } = worker;
const { administrator, organizationId } = installation;

const IDENTITIES = "/api/v1/identities";
const TOKEN_AUTH = "/api/v1/auth/token-auth";
const JSON_TYPE = "application/json";
const AUTHORIZATION = { authorization: `Bearer ${administrator}` };

const identity = await installation.configured({ accessTokenTTL: 60 });
const configuration = `${TOKEN_AUTH}/identities/${identity}`;

// Sends a body as the administrator.
function post(path, body, contentType = JSON_TYPE, more = {}) {
  const headers = { ...AUTHORIZATION, ...(contentType && { "content-type": contentType }), ...more };
  return sendRaw(main.url, { method: "POST", path, headers, body });
}

// Nothing has been created but by the tests' own ways, and nothing has happened to what was there before.
async function assertUnchanged() {
  const list = granted(await api.call("GET", `${IDENTITIES}?orgId=${organizationId}`, { bearer: administrator }));
  const names = new Set(list.identities.map(({ identity: { name } }) => name));
  assert.deepEqual([...names].sort(), ["Instance Admin Identity", "build-server"]);
  const shown = granted(await api.call("GET", configuration, { bearer: administrator })).identityTokenAuth;
  assert.equal(shown.accessTokenTTL, 60);
}

// Takes as long as the Worker waits for a body, so it begins before all others.
const unfinished = sendRaw(main.url, {
  method: "POST",
  path: IDENTITIES,
  headers: { ...AUTHORIZATION, "content-type": JSON_TYPE, "content-length": "20" },
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
    await assertUnchanged();
  });
}

const NUMBERS = ["1e400", "-1e400", "1e308", "18446744073709551616", "-1", "0.5", "1e-400", '"60"', "true", "null"];

for (const number of NUMBERS) {
  test(`a number like ${number} is not taken for another one`, async () => {
    for (const field of ["accessTokenTTL", "accessTokenMaxTTL", "accessTokenNumUsesLimit"]) {
      const headers = { ...AUTHORIZATION, "content-type": JSON_TYPE };
      const body = `{"${field}":${number}}`;
      const answer = await sendRaw(main.url, { method: "PATCH", path: configuration, headers, body });
      assert.ok([400, 422].includes(answer.status), `${field} ${answer.status} ${answer.text}`);
    }
    await assertUnchanged();
  });
}

test("a length that is a lie is not believed, and a body above the cap is not read to its end", async () => {
  const announced = { "content-length": "100000" };
  const early = await sendRaw(main.url, {
    method: "POST",
    path: IDENTITIES,
    headers: { ...AUTHORIZATION, "content-type": JSON_TYPE, ...announced },
    open: true,
  });
  assert.equal(early.status, 413);
  const endless = await sendRaw(main.url, {
    method: "POST",
    path: IDENTITIES,
    headers: { ...AUTHORIZATION, "content-type": JSON_TYPE, "transfer-encoding": "chunked" },
    body: ["x".repeat(40_000), "x".repeat(40_000)],
    open: true,
  });
  assert.equal(endless.status, 413);
});

test("a body that never comes ends in 400", async () => {
  const answer = await unfinished;
  assert.equal(answer.status, 400, answer.text);
  await assertUnchanged();
});

test("/validate does not look at a body, however long it is and whether it ever ends", async () => {
  const { token } = await installation.issue();
  const request = { method: "POST", path: "/validate", headers: { authorization: `Bearer ${token}` } };
  assert.equal((await sendRaw(main.url, { ...request, body: "x".repeat(70_000) })).status, 200);
  assert.equal((await sendRaw(main.url, { ...request, body: ["{", "x".repeat(5_000)], open: true })).status, 200);
});

test("forms and a trailing slash are accepted, as the clients send them", async () => {
  const form = new URLSearchParams({ name: "from a form", organizationId }).toString();
  const created = await post(`${IDENTITIES}/`, form, "application/x-www-form-urlencoded; charset=utf-8");
  assert.equal(created.body.identity.name, "from a form");
  granted(await api.deleteIdentity(administrator, created.body.identity.id));
});

const IDS = [
  "null",
  "undefined",
  "-1",
  "0",
  "%00",
  "%ff",
  "%2e%2e",
  "%2F",
  "%",
  "'%20OR%201=1--",
  '";DROP%20TABLE%20identities;--',
  "%F0%9D%94%B8",
  "x".repeat(5_000),
  `{${identity}}`,
  identity.replaceAll("-", ""),
  `${identity}%20`,
  `tka_${"7".repeat(76)}`,
  "__proto__",
];

for (const id of IDS) {
  test(`an id like ${id.slice(0, 40)} is an id that does not exist`, async () => {
    const routes = [
      ["GET", `${IDENTITIES}/${id}`],
      ["PATCH", `${IDENTITIES}/${id}`],
      ["DELETE", `${IDENTITIES}/${id}`],
      ["GET", `${TOKEN_AUTH}/identities/${id}`],
      ["POST", `${TOKEN_AUTH}/identities/${id}`],
      ["DELETE", `${TOKEN_AUTH}/identities/${id}`],
      ["POST", `${TOKEN_AUTH}/identities/${id}/tokens`],
      ["GET", `${TOKEN_AUTH}/identities/${id}/tokens`],
      ["GET", `${TOKEN_AUTH}/tokens/${id}`],
      ["PATCH", `${TOKEN_AUTH}/tokens/${id}`],
      ["POST", `${TOKEN_AUTH}/tokens/${id}/revoke`],
    ];
    for (const [method, path] of routes) {
      const answer = await sendRaw(main.url, { method, path, headers: AUTHORIZATION });
      assert.equal(answer.status, 404, `${method} ${path.slice(0, 100)}: ${answer.status} ${answer.text.slice(0, 200)}`);
    }
    await assertUnchanged();
  });
}

test("what is no route of the API is not found, and says so like Infisical", async () => {
  for (const [method, path] of [
    ["GET", "/api"],
    ["GET", "/api/"],
    ["GET", "/api/v2/identities"],
    ["PUT", IDENTITIES],
    ["DELETE", IDENTITIES],
    ["POST", `${IDENTITIES}//`],
    ["GET", `/api//v1/identities?orgId=${organizationId}`],
    ["GET", "/API/v1/identities"],
    ["GET", "/api/v1/identities;x"],
    ["OPTIONS", IDENTITIES],
    ["PROPFIND", IDENTITIES],
    ["POST", "/api/v1/admin/bootstrap/again"],
    ["GET", "/api/v1/admin/bootstrap"],
  ]) {
    const answer = await sendRaw(main.url, { method, path, headers: AUTHORIZATION });
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.status} ${answer.text}`);
    if (path.startsWith("/api/")) assert.match(answer.body.message, /^Route /);
  }
  await assertUnchanged();
});

test("queries that make no sense are refused, and never believed in part", async () => {
  const lists = [
    `${IDENTITIES}`,
    `${IDENTITIES}?orgId=${organizationId}&limit=0`,
    `${IDENTITIES}?orgId=${organizationId}&limit=1e9`,
    `${IDENTITIES}?orgId=${organizationId}&offset=-1`,
    `${IDENTITIES}?orgId=${organizationId}&offset=99999999999999999999`,
    `${configuration}/tokens?limit=%00`,
    `${configuration}/tokens?limit=%ff`,
    `${configuration}/tokens?offset=1.5`,
  ];
  for (const path of lists) {
    const answer = await sendRaw(main.url, { path, headers: AUTHORIZATION });
    assertManagementError(answer, 422, "ValidationFailure", answer.body.message);
  }
  for (const organization of ["", "nonsense", "%00", "00000000-0000-4000-8000-000000000000"]) {
    const answer = await sendRaw(main.url, { path: `${IDENTITIES}?orgId=${organization}`, headers: AUTHORIZATION });
    assert.ok(answer.status >= 400 && answer.status < 500, `${organization}: ${answer.status} ${answer.text}`);
  }
});

// One by one, each byte of a header that is not ASCII.
const BYTES = ["\x80", "\xff", "\xc3\xa9", "\xe2\x9c\x93", "\xf0\x9f\x94\x91", "a\tb"];

test("header bytes that are not ASCII harm nothing", async () => {
  const { token } = await installation.issue();
  const names = ["x-anything", "cookie", "user-agent", "accept", "content-type", "x-forwarded-for", "host-x", "referer"];
  for (const value of BYTES) {
    for (const name of names) {
      const headers = { authorization: `Bearer ${token}`, [name]: value };
      assert.equal((await sendRaw(main.url, { path: "/validate", headers })).status, 200, `${name} ${escape(value)}`);
      const path = `${IDENTITIES}/details`;
      assert.equal((await sendRaw(main.url, { path, headers })).status, 200, `${name} ${escape(value)}`);
    }
    const authorization = { authorization: `Bearer ${token}${value}` };
    assert.equal((await sendRaw(main.url, { path: "/validate", headers: authorization })).status, 400);
    assert.equal((await sendRaw(main.url, { path: `${IDENTITIES}/details`, headers: authorization })).status, 403);
    const client = { authorization: `Bearer ${token}`, "cf-connecting-ip": value };
    assert.equal((await sendRaw(main.url, { path: "/validate", headers: client })).status, 200);
  }
});

test("two authorization headers are two credentials", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 1 });
  const headers = [["authorization", `Bearer ${token}`], ["authorization", `Bearer ${token}`]];
  assert.equal((await sendRaw(main.url, { path: "/validate", headers })).status, 400);
  assert.equal((await sendRaw(main.url, { path: `${IDENTITIES}/details`, headers })).status, 403);
  assert.equal((await api.validate(token)).body.usesRemaining, 0);
});

test("an old kind of key is refused with the way out", async () => {
  const answer = await api.call("GET", `${IDENTITIES}/details`, { bearer: administrator, headers: { "x-api-key": "x" } });
  assert.equal(answer.status, 400);
  assert.match(answer.body.message, /^API key authentication is not supported anymore\./);
});

suite("uses of a counted token", () => {
  const permitted = (token, from) => api.call("GET", `${IDENTITIES}/details`, { bearer: token, from });

  test("are not spent by calls that are refused", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 2 });
    for (let number = 0; number < 5; number += 1) {
      assert.equal((await api.createIdentity(token, { name: "x", organizationId })).status, 403);
      assert.equal((await api.deleteIdentity(token, installation.administratorId)).status, 403);
      assert.equal((await api.bootstrap(token, "Acme")).status, 403);
    }
    for (const expected of [200, 200, 401, 401]) assert.equal((await permitted(token)).status, expected);
  });

  test("are not spent from an untrusted address", async () => {
    const { token } = await installation.issue({
      accessTokenNumUsesLimit: 1,
      accessTokenTrustedIps: [{ ipAddress: "192.0.2.1" }],
    });
    const refused = await permitted(token, "192.0.2.2");
    const message = "You are not allowed to access this resource from the current IP address";
    assertManagementError(refused, 403, "ForbiddenError", message, { clientIp: "192.0.2.2" });
    assert.equal((await permitted(token, "192.0.2.1")).status, 200);
    const exhausted = "Failed to authorize: token usage limit reached";
    assertManagementError(await permitted(token, "192.0.2.1"), 401, "UnauthorizedError", exhausted);
  });

  test("are spent once by a call, however often the Worker had to ask", async () => {
    const { token } = await installation.issue({ accessTokenNumUsesLimit: 3 }, { role: "admin" });
    const created = granted(await api.createIdentity(token, { name: "by a counted token", organizationId }));
    assert.equal((await api.validate(token)).body.usesRemaining, 1);
    granted(await api.deleteIdentity(token, created.identity.id));
    assert.equal((await api.deleteIdentity(token, identity)).status, 401);
    await assertUnchanged();
  });
});

test("nothing of all this was a defect", () => {
  assert.deepEqual(worker.logs.filter((line) => /panic|storage|internal|exception|Error/.test(line)), []);
});
