// What is shipped: how large each first page is, that names change with contents, that nothing is inline, and that the
// notices of all that is bundled are there.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { launch, Operator } from "./support/browser.mjs";
import { furnish } from "./support/screens.mjs";
import { World } from "./support/world.mjs";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const BUDGET = 120 * 1024;
const PACKED = /\.(woff2|png)$/;

const world = await World.start();
const place = await furnish(world);
const browser = await launch();

async function sizeOf(file) {
  const content = await readFile(path.join(DIST, file));
  return PACKED.test(file) ? content.length : gzipSync(content, { level: 9 }).length;
}

// What is fetched of the console's files until a screen stands.
async function fetched(address, session) {
  const operator = await Operator.arrive(browser, world, { session });
  const files = new Set();
  operator.page.on("response", (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.startsWith("/console/")) return;
    files.add(/\.[a-z0-9]+$/.test(pathname) ? pathname.slice("/console/".length) : "index.html");
  });
  await operator.open(address);
  await operator.settled();
  await operator.leave();
  return files;
}

test("the first page is at most 120 KB compressed, whichever it is", async (context) => {
  for (const [name, address, session] of [
    ["sign-in", "/", false],
    ["machine identities", "/identities", true],
    ["identity", `/identities/${place.billing}`, true],
    ["projects", "/projects", true],
    ["members", `/projects/${place.shop}`, true],
    ["environments", `/projects/${place.shop}/environments`, true],
    ["routes", `/projects/${place.shop}/routes`, true],
    ["route delegations", "/route-delegations", true],
    ["roles", "/roles", true],
    ["role", `/projects/${place.shop}/roles/invoice-reader`, true],
    ["explain", "/explain", true],
    ["settings", "/settings", true],
  ]) {
    let bytes = 0;
    for (const file of await fetched(address, session)) bytes += await sizeOf(file);
    context.diagnostic(`${name}: ${bytes} bytes compressed`);
    assert.ok(bytes <= BUDGET, `${name}: ${bytes} bytes`);
  }
});

test("every file but the document, the icon and the notices has a name that changes with its content", async () => {
  const names = (await readdir(DIST, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  for (const { name, parentPath } of names) {
    if (path.relative(DIST, parentPath) === "") assert.ok(["index.html", "favicon.svg", "licences.txt"].includes(name), name);
    else assert.match(name, /-[A-Za-z0-9_-]{8}\.(js|css|svg|woff2)$/);
  }
});

test("the document holds no script and no style, and the bundle no way around the policy", async () => {
  const document = await readFile(path.join(DIST, "index.html"), "utf8");
  assert.doesNotMatch(document, /<style|style=|<script(?![^>]* src=)|\son[a-z]+=/);
  for (const name of await readdir(path.join(DIST, "assets"))) {
    const text = await readFile(path.join(DIST, "assets", name), "latin1");
    if (name.endsWith(".js")) assert.doesNotMatch(text, /\beval\(|new Function\(|createElement\(["']style["']\)/, name);
    if (name.endsWith(".css")) assert.doesNotMatch(text, /url\(["']?(data:|https?:)/, name);
  }
});

test("the notices of all that is bundled are shipped", async () => {
  const notices = await readFile(path.join(DIST, "licences.txt"), "utf8");
  for (const name of ["svelte", "bits-ui", "openapi-fetch", "@fontsource-variable/geist"]) {
    assert.match(notices, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, "m"));
  }
  assert.match(notices, /Permission is hereby granted/);
  assert.match(notices, /SIL OPEN FONT LICENSE/i);
});
