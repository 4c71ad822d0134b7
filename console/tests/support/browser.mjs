// Debian's Chromium, driven as an operator would use it. Whatever the page does against its own rules fails the test: an
// error of a script, a violation of the content security policy or of Trusted Types.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after } from "node:test";
import { chromium } from "playwright-core";

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const SIZES = { phone: { width: 360, height: 780 }, desk: { width: 1280, height: 820 } };
export const SCHEMES = ["light", "dark"];

// `names` says which other names lead where.
export async function launch(names = {}) {
  const mapped = Object.entries(names).map(([name, address]) => `MAP ${name} ${address}`).join(", ");
  const args = mapped === "" ? ARGUMENTS : [...ARGUMENTS, `--host-resolver-rules=${mapped}`];
  const browser = await chromium.launch({ executablePath: PROGRAM, headless: true, args });
  after(() => browser.close());
  return browser;
}

export class Operator {
  // A browser of somebody's own: with `session` false, nobody is signed in.
  static async arrive(browser, world, { size = "desk", session = true, settings = {} } = {}) {
    const context = await browser.newContext({
      viewport: SIZES[size],
      hasTouch: size === "phone",
      reducedMotion: "reduce",
      permissions: ["clipboard-read", "clipboard-write"],
      ...settings,
    });
    const operator = new Operator(world, context, await context.newPage());
    if (session) await operator.signInQuietly();
    return operator;
  }

  constructor(world, context, page) {
    Object.assign(this, { world, context, page });
    // What went wrong in the page.
    this.faults = [];
    this.watch(page);
  }

  watch(page) {
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.faults.push(`script: ${error.message}`));
    page.on("console", (message) => {
      // An answer of the API that is no success is written there by the browser itself.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) this.faults.push(message.text());
      if (/Content Security Policy|TrustedHTML|TrustedScript/.test(message.text())) this.faults.push(message.text());
    });
  }

  // A session without the form, where the form is not what a test is about.
  async signInQuietly(accessToken = this.world.administrator) {
    const { url, entrance } = this.world;
    const answer = await this.context.request.post(`${entrance}/api/v1/console/sessions`, {
      headers: { "Token-Auth-Console": "1", host: new URL(url).host, origin: url },
      data: { accessToken },
    });
    assert.equal(answer.status(), 200, await answer.text());
    if (url === entrance) return;
    // What asked knows the entrance only by its address.
    const [{ name, value }] = await this.context.cookies(entrance);
    await this.context.clearCookies();
    await this.context.addCookies([{ name, value, url, httpOnly: true, secure: true, sameSite: "Strict" }]);
  }

  async open(address) {
    await this.page.goto(`${this.world.url}/console${address}`);
    await this.page.getByRole("heading", { level: 1 }).waitFor();
  }

  button(name, within = this.page) {
    return within.getByRole("button", { name, exact: true });
  }

  get dialog() {
    return this.page.getByRole("dialog");
  }

  async choose(menu, item) {
    await this.page.getByRole("button", { name: menu }).first().click();
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  clipboard() {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  // Waits until nothing on the page is still to come.
  async settled() {
    await this.page.waitForLoadState("networkidle");
    await this.page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null && document.fonts.status === "loaded");
  }

  // Changes to light or dark, and waits until that is painted.
  async colour(scheme) {
    await this.page.emulateMedia({ colorScheme: scheme });
    await this.page.waitForFunction((wanted) => matchMedia(`(prefers-color-scheme: ${wanted})`).matches, scheme);
    await this.page.evaluate(async () => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
      await frame();
      await Promise.all(document.getAnimations().filter((animation) => animation instanceof CSSTransition).map((transition) => transition.finished.catch(() => {})));
      await frame();
      await frame();
    });
  }

  // What axe finds wrong, with where.
  async axe() {
    const session = await this.context.newCDPSession(this.page);
    // Outside the page's policy, which allows no script but its own.
    await session.send("Runtime.evaluate", { expression: AXE });
    const { result } = await session.send("Runtime.evaluate", {
      expression: `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => JSON.stringify(
        violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 160) + " " + failureSummary))))`,
      awaitPromise: true,
      returnByValue: true,
    });
    await session.detach();
    return JSON.parse(result.value);
  }

  // Nothing goes beyond the page's edge.
  async overflow() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }

  async leave() {
    assert.deepEqual(this.faults, []);
    await this.context.close();
  }
}

// What stands in the cells of a row with this name, once it is there: an alert may come before what it tells of.
export async function cellsOf(place, name) {
  const cells = place.getByRole("row", { name }).getByRole("cell");
  await cells.first().waitFor();
  return await cells.allTextContents();
}

// Tells of each step of a story how long it took.
export function steps() {
  const told = [];
  let began = performance.now();
  return {
    told,
    async step(what, act) {
      began = performance.now();
      const result = await act();
      told.push(`${((performance.now() - began) / 1_000).toFixed(1)} s  ${what}`);
      return result;
    },
  };
}
