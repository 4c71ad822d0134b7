// The screens around projects, routes, roles and settings, and what has to be there for them to be full.

// The identities and the project are there already.
export async function furnishOrganization(world, { shop, billing, bare, universal }) {
  const role = (slug, name, permissions, description) =>
    world.ask("POST", `/api/v1/projects/${shop}/roles`, { slug, name, description, permissions });
  const requests = (action, $glob, inverted = false) => ({ subject: "requests", action, inverted, conditions: { path: { $glob } } });
  await role("invoice-reader", "Invoice reader", [requests(["read"], "/v1/invoices/**"), requests(["read"], "/v1/invoices/*/draft", true)], "Reads invoices, never drafts.");
  await role("payout-operator", "Payout operator", [requests(["read", "create"], "/v1/payouts/**"), { subject: "routes", action: ["read"] }], "Creates payouts and looks at them.");
  await world.ask("POST", "/api/v1/organization/roles", {
    slug: "token-operator",
    name: "Token operator",
    description: "Creates and revokes tokens, changes nothing else.",
    permissions: [
      { subject: "identity", action: ["read", "create-token", "delete-token"] },
      { subject: "identity", action: ["delete-token"], inverted: true, conditions: { identityId: { $eq: billing } } },
    ],
  });
  const temporary = (slug, range, begunHoursAgo) => ({
    role: slug,
    isTemporary: true,
    temporaryMode: "relative",
    temporaryRange: range,
    temporaryAccessStartTime: new Date(Date.now() - begunHoursAgo * 3_600_000).toISOString(),
  });
  const member = (identity, roles) => world.ask("POST", `/api/v1/projects/${shop}/memberships/identities/${identity}`, { roles });
  await member(bare, [{ role: "invoice-reader" }, temporary("payout-operator", "2d", 30)]);
  await member(universal, [{ role: "member" }, temporary("admin", "1h", 2)]);
  const route = (about) => world.ask("POST", `/api/v1/projects/${shop}/routes`, about);
  await route({ host: "api.example.com", pathPrefix: "/v1", origin: "https://origin.example.com" });
  await route({ host: "api.example.com", pathPrefix: "/v1/invoices", methods: ["GET"], origin: "https://invoices.example.com", timeoutSeconds: 60 });
  await route({ host: "api.example.com", pathPrefix: "/v1/payouts", methods: ["GET", "POST"], origin: "https://payouts.example.com", headers: [{ name: "X-Team", value: "payments" }] });
  await route({ host: "ws.example.com", pathPrefix: "/events", origin: "https://events.example.com", webSocket: true });
  await route({ host: null, pathPrefix: "/internal/ledger", origin: null });
  const { accessToken, tokenData } = await world.token(billing, "explained");
  return { explained: tokenData.id, explainedToken: accessToken };
}

const dialog = (operator) => operator.dialog.waitFor();
const menuOf = (operator, name) => operator.page.locator("table").getByRole("button", { name }).first();

async function fromMenu(operator, name, item) {
  await menuOf(operator, name).click();
  await operator.page.getByRole("menuitem", { name: item }).click();
  await dialog(operator);
}

function question(place, about) {
  return new URLSearchParams({ tokenId: place.explained, address: "127.0.0.1", via: "gateway", host: "api.example.com", method: "GET", ...about }).toString();
}

export const organizationScreens = {
  projects: { show: (operator) => operator.open("/projects") },
  "projects-no-match": { show: (operator) => operator.open("/projects?search=nothing-of-the-kind") },
  "project-create": {
    async show(operator) {
      await operator.open("/projects?create=yes");
      await dialog(operator);
    },
  },
  members: { show: (operator, place) => operator.open(`/projects/${place.shop}`) },
  "member-change": {
    async show(operator, place) {
      await operator.open(`/projects/${place.shop}`);
      await fromMenu(operator, "More for inventory sync", "Change roles");
    },
  },
  "member-add": {
    async show(operator, place) {
      await operator.open(`/projects/${place.shop}?create=yes`);
      await dialog(operator);
      await operator.dialog.getByText("For a time").click();
    },
  },
  environments: { show: (operator, place) => operator.open(`/projects/${place.shop}/environments`) },
  routes: { show: (operator, place) => operator.open(`/projects/${place.shop}/routes`) },
  "routes-try": {
    async show(operator, place) {
      await operator.open(`/projects/${place.shop}/routes?host=api.example.com&path=/v1/invoices/7/draft`);
      await operator.page.getByText("by rule 2").scrollIntoViewIfNeeded();
    },
  },
  "route-create": {
    async show(operator, place) {
      await operator.open(`/projects/${place.shop}/routes?create=yes`);
      await dialog(operator);
      await operator.dialog.getByRole("textbox", { name: "Host" }).fill("api.example.com");
      await operator.dialog.getByLabel("Path prefix").fill("/v1/invoices");
      await operator.dialog.getByText("There is a route for the same requests already:").waitFor();
    },
  },
  delegations: { show: (operator) => operator.open("/route-delegations") },
  "delegation-create": {
    async show(operator) {
      await operator.open("/route-delegations?create=yes");
      await dialog(operator);
    },
  },
  roles: { show: (operator) => operator.open("/roles") },
  role: { show: (operator) => operator.open("/roles/token-operator") },
  "role-built-in": { show: (operator) => operator.open("/roles/member") },
  "project-roles": { show: (operator, place) => operator.open(`/projects/${place.shop}/roles`) },
  "project-role": { show: (operator, place) => operator.open(`/projects/${place.shop}/roles/payout-operator`) },
  "project-role-rules": { show: (operator, place) => operator.open(`/projects/${place.shop}/roles/invoice-reader?view=list&path=/v1/invoices/7/draft`) },
  "role-review": {
    async show(operator, place) {
      await operator.open(`/projects/${place.shop}/roles/invoice-reader?view=list`);
      await operator.page.getByLabel("Rule 2: Value").fill("/v1/invoices/*/drafts");
      await operator.button("Review and save").click();
      await dialog(operator);
    },
  },
  explain: { show: (operator) => operator.open("/explain") },
  "explain-refused": {
    async show(operator, place) {
      await operator.open(`/explain?${question(place, { path: "/v1/invoices/7", method: "DELETE" })}`);
      await operator.page.getByText("Refused:").waitFor();
    },
  },
  "explain-allowed": {
    async show(operator, place) {
      await operator.open(`/explain?${question(place, { path: "/v1/other" })}`);
      await operator.page.getByText("Every check that applies is passed.").waitFor();
    },
  },
  settings: {
    async show(operator) {
      await operator.open("/settings");
      await operator.page.getByText("Everything works").waitFor();
    },
  },
};
