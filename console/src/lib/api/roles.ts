// What the console asks about roles: those of the organization, and those of a project.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type OrganizationRoleRequest = Schemas["CreateOrganizationRoleRequest"];
export type ProjectRoleRequest = Schemas["CreateProjectRoleRequest"];

export const getOrganizationRole =
  (slug: string): Operation<Schemas["OrganizationRoleAnswer"]> =>
  (client) =>
    client.GET("/api/v1/organization/roles/slug/{slug}", { params: { path: { slug } } });

export const createOrganizationRole =
  (body: OrganizationRoleRequest): Operation<Schemas["OrganizationRoleAnswer"]> =>
  (client) =>
    client.POST("/api/v1/organization/roles", { body });

export const updateOrganizationRole =
  (roleId: string, body: Schemas["UpdateOrganizationRoleRequest"]): Operation<Schemas["OrganizationRoleAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/organization/roles/{roleId}", { params: { path: { roleId } }, body });

export const deleteOrganizationRole =
  (roleId: string): Operation<Schemas["OrganizationRoleAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/organization/roles/{roleId}", { params: { path: { roleId } } });

export const getProjectRole =
  (projectId: string, roleSlug: string): Operation<Schemas["ProjectRoleAnswer"]> =>
  (client) =>
    client.GET("/api/v1/projects/{projectId}/roles/slug/{roleSlug}", { params: { path: { projectId, roleSlug } } });

// A list of roles comes without their rules.
export const projectRolesWithRules =
  (projectId: string): Operation<readonly Schemas["ProjectRole"][]> =>
  async (client) => {
    const { data: listed, ...rest } = await client.GET("/api/v1/projects/{projectId}/roles", { params: { path: { projectId } } });
    if (listed === undefined) return rest;
    const answers = await Promise.all(listed.roles.map(({ slug }) => getProjectRole(projectId, slug)(client)));
    const refused = answers.find(({ data }) => data === undefined);
    if (refused !== undefined) return { error: refused.error, response: refused.response };
    return { response: rest.response, data: answers.flatMap(({ data }) => (data === undefined ? [] : [data.role])) };
  };

export const createProjectRole =
  (projectId: string, body: ProjectRoleRequest): Operation<Schemas["ProjectRoleAnswer"]> =>
  (client) =>
    client.POST("/api/v1/projects/{projectId}/roles", { params: { path: { projectId } }, body });

export const updateProjectRole =
  (projectId: string, roleId: string, body: Schemas["UpdateProjectRoleRequest"]): Operation<Schemas["ProjectRoleAnswer"]> =>
  (client) =>
    client.PATCH("/api/v1/projects/{projectId}/roles/{roleId}", { params: { path: { projectId, roleId } }, body });

export const deleteProjectRole =
  (projectId: string, roleId: string): Operation<Schemas["ProjectRoleAnswer"]> =>
  (client) =>
    client.DELETE("/api/v1/projects/{projectId}/roles/{roleId}", { params: { path: { projectId, roleId } } });
