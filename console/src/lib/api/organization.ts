// What the console asks about the organization: its roles, its projects, and the installation it is on.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type OrganizationRole = Schemas["OrganizationRole"];
export type Project = Schemas["ProjectListItem"];
export type ProjectRole = Schemas["ProjectRole"];

export const listOrganizationRoles = (): Operation<Schemas["OrganizationRoleListAnswer"]> => (client) =>
  client.GET("/api/v1/organization/roles");

export const listProjects = (): Operation<Schemas["ProjectListAnswer"]> => (client) => client.GET("/api/v1/projects");

export const listProjectRoles =
  (projectId: string): Operation<Schemas["ProjectRoleListAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/roles", { params: { path: { projectId } } });

export const addToProject =
  (projectId: string, identityId: string, body: Schemas["CreateMembershipRequest"]): Operation<unknown> =>
  (client) =>
    client.POST("/api/v1/projects/{projectId}/memberships/identities/{identityId}", { params: { path: { projectId, identityId } }, body });

export const removeFromProject =
  (projectId: string, identityId: string): Operation<unknown> =>
  (client) =>
    client.DELETE("/api/v1/projects/{projectId}/memberships/identities/{identityId}", { params: { path: { projectId, identityId } } });

export const getStatus = (): Operation<Schemas["StatusAnswer"]> => (client) => client.GET("/api/status");
