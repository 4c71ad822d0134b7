// The API's own description: openapi.json for programs, a page for people.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";

const { api } = await startWorker();
const committed = JSON.parse(await readFile(new URL("../../openapi.json", import.meta.url), "utf8"));

test("the document is served to anybody, and is the committed one", async () => {
  const answer = await api.call("GET", "/api/docs/openapi.json");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "application/json; charset=utf-8");
  assert.equal(answer.body.openapi, "3.1.0");
  assert.deepEqual(answer.body, committed);
});

test("the page shows every operation, loads its own style sheet and runs nothing", async () => {
  const answer = await api.call("GET", "/api/docs");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = answer.headers.get("content-security-policy");
  assert.match(policy, /^default-src 'none'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|script-src/);
  assert.doesNotMatch(answer.text, /<script| style=| on[a-z]+="/);
  for (const item of Object.values(committed.paths)) {
    for (const { operationId } of Object.values(item)) assert.match(answer.text, new RegExp(` id="${operationId}"`));
  }
  const [, sheet] = answer.text.match(/<link rel="stylesheet" href="([^"]+)">/);
  const style = await api.call("GET", sheet);
  assert.equal(style.status, 200);
  assert.equal(style.headers.get("content-type"), "text/css; charset=utf-8");
  assert.match(style.text, /light dark/);
});

test("the description is there even where a setting is wrong, and takes no other method", async (context) => {
  const misconfigured = await startWorker({ vars: { AUTH_SECRET: "short" } }, context);
  for (const path of ["/api/docs", "/api/docs/openapi.json", "/api/docs/style.css"]) {
    assert.equal((await misconfigured.api.call("GET", path)).status, 200, path);
    assert.equal((await api.call("POST", path)).status, 404, path);
  }
});
