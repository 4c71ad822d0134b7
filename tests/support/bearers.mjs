// Tokens of every kind, for a project whose visitors may do everything below /public and nothing elsewhere.

import { granted, only } from "./installation.mjs";

// The host of the route.
export const HOST = "api.example.com";
// More than any run needs. Every use of such a token is counted, so that one too many shows.
const LIMIT = 1_000_000;
const EVERYTHING = ["read", "create", "edit", "delete"];

// Makes the role of the visitors.
export function admitVisitors(project) {
  return project.role("visitor", [
    { subject: "requests", action: EVERYTHING, conditions: { path: { $eq: "/public" } } },
    { subject: "requests", action: EVERYTHING, conditions: { path: { $glob: "/public/**" } } },
  ]);
}

// One token of each kind, each with the headers by which its bearer is made known.
export async function bearers(project, worker) {
  const { installation } = project;
  const counted = { accessTokenNumUsesLimit: LIMIT };
  const visitor = (configuration, about) => project.member("visitor", configuration, about);
  const good = await visitor(counted, { name: "Zoë's build", role: "member" });
  const elsewhere = await visitor({ ...counted, ...only("203.0.113.9") });
  const local = { ...(await visitor({ ...counted, ...only("127.0.0.1") })), from: "127.0.0.1" };
  const reader = await project.member("viewer", counted);
  const outsider = await installation.issue(counted);
  const revoked = await visitor();
  await installation.revoke(revoked.id);
  const exhausted = await visitor({ accessTokenNumUsesLimit: 1 });
  granted(await worker.api.validate(exhausted.token));
  const removed = await visitor();
  granted(await worker.api.deleteIdentity(installation.administrator, removed.identity));
  return { good, elsewhere, local, reader, outsider, revoked, exhausted, removed, forged: forge(good.token) };
}

// The token with another last character.
export function forge(token) {
  return token.slice(0, -1) + (token.at(-1) === "0" ? "1" : "0");
}

// How often a token of `bearers` has been used, as its counter says. Consumes one more.
export async function usesOf(worker, { token, from = "203.0.113.9" }) {
  const { usesRemaining } = granted(await worker.api.validate(token, from));
  return LIMIT - usesRemaining - 1;
}
