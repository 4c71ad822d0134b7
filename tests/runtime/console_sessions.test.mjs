// Sessions of operators in the console, and what is tried against them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Browser } from "../support/console.mjs";

const worker = await startWorker({ vars: { CONSOLE_SIGN_IN_CODES: "true" } });
const bootstrap = (await worker.api.bootstrap(worker.authSecret, "Acme")).body;
const admin = bootstrap.identity.credentials.token;
const organization = bootstrap.organization.id;

test("smoke", async () => {
  const browser = new Browser(worker.api);
  const options = await browser.call("GET", "/api/v1/console/sign-in-options");
  console.log(options.status, options.text);
  const signedIn = await browser.signIn(admin);
  console.log(signedIn.status, signedIn.text, signedIn.headers.getSetCookie());
  console.log((await browser.session()).text);
  console.log((await browser.identities(organization)).text.slice(0, 200));
  const made = await browser.call("POST", "/api/v1/identities", { json: { name: "x", organizationId: organization } });
  console.log(made.status, made.text.slice(0, 100));
  const code = await worker.api.call("POST", "/api/v1/console/sign-in-codes", { bearer: worker.authSecret });
  console.log(code.status, code.text);
  const other = new Browser(worker.api);
  const byCode = await other.call("POST", "/api/v1/console/sessions", { json: { signInCode: code.body.signInCode } });
  console.log(byCode.status, byCode.text);
  const out = await browser.call("DELETE", "/api/v1/console/session");
  console.log(out.status, out.text, out.headers.getSetCookie());
  const everywhere = await other.call("DELETE", "/api/v1/console/sessions");
  console.log(everywhere.status, everywhere.text);
});
