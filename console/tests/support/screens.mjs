// Every screen and every dialog of the console, as a picture is taken of it. `world` has been furnished by `furnish`.

import { readFile } from "node:fs/promises";

import { eventually } from "../../../tests/support/waiting.mjs";
import { furnishOrganization, organizationScreens } from "./organization_screens.mjs";

// Something of everything, so that no screen is shown empty that is usually full.
export async function furnish(world) {
  const metadata = [{ key: "team", value: "payments" }, { key: "owner", value: "night shift" }];
  const billing = await world.identity("billing worker", { role: "member", hasDeleteProtection: true, metadata });
  await world.tokenAuth(billing, {
    accessTokenTTL: 2_592_000,
    accessTokenMaxTTL: 7_776_000,
    accessTokenNumUsesLimit: 10,
    accessTokenTrustedIps: [{ ipAddress: "127.0.0.0/8" }, { ipAddress: "::1" }, { ipAddress: "198.51.100.0/24" }],
  });
  const { accessToken, tokenData } = await world.token(billing, "deploy job, eu");
  for (let use = 0; use < 4; use++) await world.validate(accessToken);
  await eventually("the four uses being shown", async () => (await world.uses(tokenData.id)) === 4);
  await world.token(billing, "deploy job, us");
  const old = await world.token(billing, "before the migration");
  await world.ask("POST", `/api/v1/auth/token-auth/tokens/${old.tokenData.id}/revoke`);
  const bare = await world.identity("inventory sync", { hasDeleteProtection: true });
  for (const name of ["ci runner", "mail gateway", "payments api", "report builder", "search indexer", "warehouse eu", "warehouse us"]) {
    await world.identity(name);
  }
  const universal = await world.identity("infisical operator", { role: "member" });
  await world.ask("POST", `/api/v1/auth/universal-auth/identities/${universal}`, {});
  const shop = await world.project("Shop", "shop-eu");
  await world.project("Search", "search");
  await world.ask("POST", `/api/v1/projects/${shop}/memberships/identities/${billing}`, {
    roles: [
      { role: "viewer" },
      { role: "member", isTemporary: true, temporaryMode: "relative", temporaryRange: "2d", temporaryAccessStartTime: new Date().toISOString() },
    ],
  });
  return { billing, bare, universal, shop, ...(await furnishOrganization(world, { billing, bare, universal, shop })) };
}

const dialog = (operator) => operator.dialog.waitFor();

async function tokenCreated(operator, place) {
  await operator.open(`/identities/${place.billing}`);
  await operator.page.getByRole("button", { name: "Create token" }).first().click();
  await operator.dialog.getByLabel("Name").fill("cron job");
  await operator.button("Create token", operator.dialog).click();
  await operator.page.getByRole("heading", { name: "Copy the token now" }).waitFor();
}

async function atAuthentication(operator, place) {
  await operator.open(`/identities/${place.bare}`);
  await operator.button("Token Auth").click();
  await dialog(operator);
}

async function navigation(operator) {
  const toggle = operator.page.getByRole("button", { name: "Open navigation" });
  if (await toggle.isVisible()) await toggle.click();
}

// name → how to come there. A screen of which `signedOut` holds is one for nobody in particular.
export const screens = {
  "sign-in": { signedOut: true, show: (operator) => operator.open("/") },
  "sign-in-refused": {
    signedOut: true,
    async show(operator) {
      await operator.open("/");
      await operator.page.getByLabel("Access token").fill("tka_nonsense");
      await operator.button("Sign in").click();
      await operator.page.getByRole("alert").waitFor();
    },
  },
  identities: { show: (operator) => operator.open("/identities") },
  "identities-no-match": { show: (operator) => operator.open("/identities?search=nobody") },
  "identity-create": {
    async show(operator) {
      await operator.open("/identities?create=yes");
      await dialog(operator);
    },
  },
  identity: { show: (operator, place) => operator.open(`/identities/${place.billing}`) },
  "identity-bare": { show: (operator, place) => operator.open(`/identities/${place.bare}`) },
  "identity-universal-auth": { show: (operator, place) => operator.open(`/identities/${place.universal}`) },
  "identity-gone": { show: (operator) => operator.open("/identities/nothing") },
  "identity-edit": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.button("Edit").click();
      await dialog(operator);
    },
  },
  "identity-delete": {
    async show(operator, place) {
      await operator.open(`/identities/${place.universal}`);
      await operator.choose("More for infisical operator", "Delete identity");
      await dialog(operator);
    },
  },
  "token-auth": { show: atAuthentication },
  "token-auth-faults": {
    async show(operator, place) {
      await atAuthentication(operator, place);
      await operator.dialog.getByLabel("Longest lifetime (max TTL): Amount").fill("2");
      await operator.dialog.getByText("Limited to").click();
      await operator.dialog.getByLabel("Trusted IPs", { exact: true }).fill("10.0.0.0/8\n192.0.2.7\n2001:db8::/32\n10.0.0.256");
      await operator.dialog.getByText("is neither an address nor a range").waitFor();
    },
  },
  "method-remove": {
    async show(operator, place) {
      await operator.open(`/identities/${place.universal}`);
      await operator.choose("More for Universal Auth", "Remove Universal Auth");
      await dialog(operator);
    },
  },
  "token-create": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.page.getByRole("button", { name: "Create token" }).first().click();
      await operator.dialog.getByText("It lives for").waitFor();
    },
  },
  "token-once": { show: tokenCreated },
  "token-leaving": {
    async show(operator, place) {
      await tokenCreated(operator, place);
      await operator.page.keyboard.press("Escape");
      await operator.page.getByText("Close without copying the token?").waitFor();
    },
  },
  "token-menu": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.page.getByRole("button", { name: "More for deploy job, eu" }).click();
      await operator.page.getByRole("menu").waitFor();
    },
  },
  "token-rename": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.choose("More for deploy job, us", "Rename");
      await dialog(operator);
    },
  },
  "token-revoke": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.choose("More for deploy job, eu", "Revoke");
      await operator.dialog.getByText("Used 4 times").waitFor();
    },
  },
  "token-revoked": {
    async show(operator, place) {
      const name = `night job ${Date.now() % 1000}`;
      await operator.world.token(place.billing, name);
      await operator.open(`/identities/${place.billing}`);
      await operator.choose(`More for ${name}`, "Revoke");
      await operator.button("Revoke", operator.dialog).click();
      await operator.dialog.getByText("In force everywhere by").waitFor();
    },
  },
  "project-add": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.button("Add to project").click();
      await operator.dialog.getByRole("combobox", { name: "Project", exact: true }).fill("s");
      await operator.page.getByRole("option", { name: "Search" }).waitFor();
    },
  },
  "project-remove": {
    async show(operator, place) {
      await operator.open(`/identities/${place.billing}`);
      await operator.choose("More for Shop", "Remove from project");
      await dialog(operator);
    },
  },
  requests: {
    async show(operator) {
      await operator.open("/identities");
      await navigation(operator);
      await operator.page.getByRole("button", { name: "Requests" }).click();
      await dialog(operator);
    },
  },
  keys: {
    async show(operator) {
      await operator.open("/identities");
      await operator.page.keyboard.press("?");
      await dialog(operator);
    },
  },
  account: {
    async show(operator) {
      await operator.open("/identities");
      await navigation(operator);
      await operator.page.getByRole("button", { name: /^Account/ }).click();
      await operator.page.getByRole("menu").waitFor();
    },
  },
  "sign-out-everywhere": {
    async show(operator) {
      await operator.open("/identities");
      await navigation(operator);
      await operator.page.getByRole("button", { name: /^Account/ }).click();
      await operator.page.getByRole("menuitem", { name: "Sign out everywhere" }).click();
      await dialog(operator);
    },
  },
  ...organizationScreens,
  nothing: { show: (operator) => operator.open("/nothing/here") },
};

// The patterns of src/screens.ts, so that none is without a picture.
export async function patterns() {
  const text = await readFile(new URL("../../src/screens.ts", import.meta.url), "utf8");
  return [...text.matchAll(/pattern: "([^"]+)"/g)].map(([, pattern]) => pattern);
}
