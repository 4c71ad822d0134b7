// Headers that nobody well-behaved sends.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sendRaw } from "../support/raw.mjs";
import { IDENTITIES, Target } from "../support/target.mjs";

const target = await Target.start();

// Bytes of a header that are not printable ASCII: single ones, and characters of two, three and four bytes.
const BYTES = ["\x80", "\xff", "\xc3\xa9", "\xe2\x9c\x93", "\xf0\x9f\x94\x91", "a\tb"];

const NAMES = ["x-anything", "cookie", "user-agent", "accept", "content-type", "x-forwarded-for", "referer"];

test("header bytes that are not ASCII harm nothing", async () => {
  const { token } = await target.installation.issue();
  for (const value of BYTES) {
    for (const name of NAMES) {
      const headers = { authorization: `Bearer ${token}`, [name]: value };
      assert.equal((await sendRaw(target.url, { path: "/validate", headers })).status, 200, `${name} ${escape(value)}`);
      const path = `${IDENTITIES}/details`;
      assert.equal((await sendRaw(target.url, { path, headers })).status, 200, `${name} ${escape(value)}`);
    }
    const authorization = { authorization: `Bearer ${token}${value}` };
    assert.equal((await sendRaw(target.url, { path: "/validate", headers: authorization })).status, 400);
    assert.equal((await sendRaw(target.url, { path: `${IDENTITIES}/details`, headers: authorization })).status, 401);
    const client = { authorization: `Bearer ${token}`, "cf-connecting-ip": value };
    assert.equal((await sendRaw(target.url, { path: "/validate", headers: client })).status, 200);
  }
});

test("a Host that names no host, or two, is never an error of ours", async () => {
  const paths = ["/validate", `${IDENTITIES}/details`, "/oauth2/introspect", "/console/", "/api/docs", "/authz/nginx", "/"];
  const hosts = [["a.example", "b.example"], ["a b"], ["a.example:99999"], ["[::"], ["%"], ["a.example/b"], ["\x80"], ["<>"]];
  for (const path of paths) {
    for (const host of hosts) {
      const headers = host.map((name) => ["host", name]);
      const { status } = await sendRaw(target.url, { path, headers });
      assert.ok(status < 500, `${path} ${host.map(escape)}: ${status}`);
    }
  }
});

test("two authorization headers are two credentials", async () => {
  const { token } = await target.installation.issue({ accessTokenNumUsesLimit: 1 });
  const headers = [["authorization", `Bearer ${token}`], ["authorization", `Bearer ${token}`]];
  assert.equal((await sendRaw(target.url, { path: "/validate", headers })).status, 400);
  assert.equal((await sendRaw(target.url, { path: `${IDENTITIES}/details`, headers })).status, 401);
  assert.equal((await target.api.validate(token)).body.usesRemaining, 0);
});

test("an old kind of key is refused with the way out", async () => {
  const request = { bearer: target.administrator, headers: { "x-api-key": "x" } };
  const answer = await target.api.call("GET", `${IDENTITIES}/details`, request);
  assert.equal(answer.status, 400);
  assert.match(answer.body.message, /^API key authentication is not supported anymore\./);
});
