// Paths, ids, methods and queries that make no sense: always a documented 4xx, and nothing has changed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sendRaw } from "../support/raw.mjs";
import { assertManagementError } from "../support/shape.mjs";
import { IDENTITIES, TOKEN_AUTH, Target } from "../support/target.mjs";

const target = await Target.start();
const { configuration, identity, organizationId } = target;

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
      const answer = await sendRaw(target.url, { method, path, headers: target.authorization });
      assert.equal(answer.status, 404, `${method} ${path.slice(0, 100)}: ${answer.text.slice(0, 200)}`);
    }
    await target.assertUnchanged();
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
    ["GET", "/api/v1/identities;x"],
    ["OPTIONS", IDENTITIES],
    ["PROPFIND", IDENTITIES],
    ["POST", "/api/v1/admin/bootstrap/again"],
    ["GET", "/api/v1/admin/bootstrap"],
  ]) {
    const answer = await sendRaw(target.url, { method, path, headers: target.authorization });
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.status} ${answer.text}`);
    if (path.startsWith("/api/")) assert.match(answer.body.message, /^Route /);
  }
  // In other letters it is no path of the API, and the gateway has no route for it.
  const other = await sendRaw(target.url, { path: "/API/v1/identities", headers: target.authorization });
  assert.deepEqual([other.status, other.body.code], [421, "host_unknown"]);
  await target.assertUnchanged();
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
    const answer = await sendRaw(target.url, { path, headers: target.authorization });
    assertManagementError(answer, 422, "ValidationFailure", answer.body.message);
  }
  for (const organization of ["", "nonsense", "%00", "00000000-0000-4000-8000-000000000000"]) {
    const path = `${IDENTITIES}?orgId=${organization}`;
    const answer = await sendRaw(target.url, { path, headers: target.authorization });
    assert.ok(answer.status >= 400 && answer.status < 500, `${organization}: ${answer.status} ${answer.text}`);
  }
});
