// What the console asks before somebody gives a role: whether they may, and what they would have to hold as well.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type GivableRole = Schemas["GivableRole"];
export type GivableProjectRole = Schemas["GivableProjectRole"];

// An identity by its id, or one that is yet to be made; undefined: whichever one may give roles to.
export type Recipient = "new" | (string & {}) | undefined;

const query = (to: Recipient) => (to === undefined ? {} : { query: { to } });

export const listGivableRoles =
  (to: Recipient): Operation<Schemas["GivableRolesAnswer"]> =>
  (client) =>
    client.GET("/api/v1/console/givable-roles", { params: query(to) });

export const listGivableProjectRoles =
  (projectId: string, to: Recipient): Operation<Schemas["GivableProjectRolesAnswer"]> =>
  (client) =>
    client.GET("/api/v1/console/projects/{projectId}/givable-roles", { params: { path: { projectId }, ...query(to) } });
