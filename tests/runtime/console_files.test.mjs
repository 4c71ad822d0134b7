// The files of the console, through the edge: what is served, what browsers are told, and what is left alone.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { sendRaw } from "../support/raw.mjs";

const PAGE = "<!doctype html><title>Console</title><script type=module src=/console/assets/index-a1b2.js></script>";
const SCRIPT = "export const answer = 42;\n".repeat(100);
const POLICY = /^default-src 'none'; .*frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html$/;
const NAVIGATION = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };

const folder = await mkdtemp(path.join(tmpdir(), "token-auth-console-"));
await mkdir(path.join(folder, "assets"));
await writeFile(path.join(folder, "index.html"), PAGE);
await writeFile(path.join(folder, "assets/index-a1b2.js"), SCRIPT);
await writeFile(path.join(folder, "favicon.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>");
const worker = await startWorker({ assets: folder });
after(() => rm(folder, { recursive: true, force: true }));

// `fetch` would put a mode of its own in, and normalise paths.
function ask(method, target, { headers = {} } = {}, api = worker.api) {
  return sendRaw(api.url, { method, path: target, headers });
}

// Everything that browsers are told, whatever is answered.
function assertGuarded(answer, what) {
  assert.match(answer.headers.get("content-security-policy"), POLICY, what);
  assert.equal(answer.headers.get("x-frame-options"), "DENY", what);
  assert.equal(answer.headers.get("x-content-type-options"), "nosniff", what);
  assert.equal(answer.headers.get("referrer-policy"), "no-referrer", what);
  assert.equal(answer.headers.get("cross-origin-opener-policy"), "same-origin", what);
  assert.equal(answer.headers.get("cross-origin-resource-policy"), "same-origin", what);
  assert.match(answer.headers.get("x-request-id"), /./, what);
}

test("the document is answered for every page of the console, and asked for each time", async () => {
  for (const page of ["/console/", "/console/index.html", "/console/identities/1", "/console/a/b/c"]) {
    const answer = await ask("GET", page, { headers: NAVIGATION });
    assert.equal(answer.status, 200, page);
    assert.equal(answer.text, PAGE, page);
    assert.match(answer.headers.get("content-type"), /^text\/html/, page);
    assert.equal(answer.headers.get("cache-control"), "no-cache", page);
    assertGuarded(answer, page);
  }
  const moved = await ask("GET", "/console", { headers: NAVIGATION });
  assert.deepEqual([moved.status, moved.headers.get("location")], [308, "/console/"]);
  assertGuarded(moved, "/console");
});

test("a file whose name is made of its content is kept for good, and another one is asked for each time", async () => {
  const script = await ask("GET", "/console/assets/index-a1b2.js");
  assert.deepEqual([script.status, script.text], [200, SCRIPT]);
  assert.match(script.headers.get("content-type"), /javascript/);
  assert.equal(script.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assertGuarded(script, "script");
  const icon = await ask("GET", "/console/favicon.svg");
  assert.deepEqual([icon.status, icon.headers.get("cache-control")], [200, "no-cache"]);
  const again = await ask("GET", "/console/favicon.svg", {
    headers: { "if-none-match": icon.headers.get("etag") },
  });
  assert.deepEqual([again.status, again.text], [304, ""]);
  assertGuarded(again, "not modified");
  const head = await ask("HEAD", "/console/assets/index-a1b2.js");
  assert.deepEqual([head.status, head.text], [200, ""]);
});

test("a file is compressed on its way to who takes that", async () => {
  // `fetch` undoes it: the text would be unreadable if it were not what the header says.
  const compressed = await worker.api.call("GET", "/console/assets/index-a1b2.js", { headers: { "accept-encoding": "gzip" } });
  assert.equal(compressed.headers.get("content-encoding"), "gzip");
  const tag = compressed.headers.get("etag");
  assert.match(tag, /^W\//);
  const again = await ask("GET", "/console/assets/index-a1b2.js", { headers: { "if-none-match": tag } });
  assert.equal(again.status, 304);
  assert.equal(compressed.text, SCRIPT);
  const plain = await worker.api.call("GET", "/console/assets/index-a1b2.js", { headers: { "accept-encoding": "identity" } });
  assert.equal(plain.headers.get("content-encoding"), null);
  assert.equal(plain.text, SCRIPT);
});

test("a file that a browser has is not sent again, whatever has happened to its tag on the way", async () => {
  const target = "/console/favicon.svg";
  const strong = (await ask("GET", target)).headers.get("etag");
  assert.match(strong, /^"[^"]+"$/);
  // RFC 9110 §13.1.2: these are compared weakly; proxies that compress weaken a tag.
  const check = async (tag, status) => {
    const answer = await ask("GET", target, { headers: { "if-none-match": tag } });
    assert.equal(answer.status, status, tag);
    assertGuarded(answer, tag);
  };
  await check(strong, 304);
  await check(`W/${strong}`, 304);
  await check('"another"', 200);
  await check('W/"another"', 200);
});

test("what is no page and no file is not found, and only reading is allowed", async () => {
  for (const [method, target, headers, status] of [
    ["GET", "/console/assets/missing.js", NAVIGATION, 404],
    ["GET", "/console/missing.js", NAVIGATION, 404],
    ["GET", "/console/identities/1", { accept: "application/json" }, 404],
    ["GET", "/console/identities/1", { ...NAVIGATION, "sec-fetch-mode": "cors" }, 404],
    ["GET", "/console/.env", {}, 404],
    ["GET", "/console/assets/%2e%2e/index.html", {}, 404],
    ["GET", "/console/assets%2findex-a1b2.js", {}, 404],
    ["POST", "/console/", NAVIGATION, 405],
    ["OPTIONS", "/console/", {}, 405],
  ]) {
    const answer = await ask(method, target, { headers });
    assert.equal(answer.status, status, `${method} ${target}`);
    assert.doesNotMatch(answer.text, /Console<\/title>/, `${method} ${target}`);
    assertGuarded(answer, `${method} ${target}`);
  }
});

test("the files stand before nothing else: neither the API nor the gateway meets them", async () => {
  for (const [target, status] of [
    ["/api/v1/identities", 401],
    ["/index.html", 401],
    ["/assets/index-a1b2.js", 401],
    ["/favicon.svg", 401],
    ["/_next/image", 401],
    ["/", 401],
  ]) {
    const answer = await ask("GET", target, { headers: NAVIGATION });
    assert.equal(answer.status, status, target);
    assert.equal(answer.headers.get("content-security-policy"), null, target);
  }
  assert.equal((await ask("GET", "/api/status")).status, 200);
  // Nor does the control Worker by itself answer with a file for a path that is not the console's.
  const direct = await ask("GET", "/index.html", { headers: NAVIGATION }, worker.control.api);
  assert.equal(direct.status, 404);
  assert.doesNotMatch(direct.text, /Console<\/title>/);
});

test("at a host for origins only there is no console", async (context) => {
  const apart = await startWorker({ assets: folder, vars: { CONTROL_HOSTS: "auth.example" } }, context);
  const answer = await ask("GET", "/console/", { headers: NAVIGATION }, apart.api);
  assert.equal(answer.status, 401);
  assert.doesNotMatch(answer.text, /Console<\/title>/);
});
