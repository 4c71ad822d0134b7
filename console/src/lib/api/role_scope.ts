// Roles of the organization and roles of a project are shown and changed alike; here is where they differ.

import type { Level } from "$lib/permission/rule_draft";
import type { PermissionRule } from "$lib/permission/ability";
import type { Operation } from "./client";
import { listOrganizationRoles, listProjectRoles, type OrganizationRole } from "./organization";
import * as roles from "./roles";

// What both have.
export type Role = Omit<OrganizationRole, "orgId">;

export type NewRole = Pick<roles.OrganizationRoleRequest, "name" | "slug" | "description"> & { readonly permissions: readonly PermissionRule[] };

export interface RoleScope {
  readonly level: Level;
  readonly projectId: string | undefined;
  // The screen that lists the roles; each is below it, by its slug.
  readonly path: string;
  readonly list: () => Operation<{ readonly roles: readonly Role[] }>;
  readonly get: (slug: string) => Operation<{ readonly role: Role }>;
  readonly create: (role: NewRole) => Operation<{ readonly role: Role }>;
  readonly update: (roleId: string, changes: Partial<NewRole>) => Operation<{ readonly role: Role }>;
  readonly remove: (roleId: string) => Operation<unknown>;
}

// What a rule may say depends on its subject; that is the server's to check.
type OfOrganization = roles.OrganizationRoleRequest;
type OfProject = roles.ProjectRoleRequest;

export const ofOrganization: RoleScope = {
  level: "organization",
  projectId: undefined,
  path: "/roles",
  list: listOrganizationRoles,
  get: roles.getOrganizationRole,
  create: (role) => roles.createOrganizationRole(role as unknown as OfOrganization),
  update: (roleId, changes) => roles.updateOrganizationRole(roleId, changes as unknown as Partial<OfOrganization>),
  remove: roles.deleteOrganizationRole,
};

export function ofProject(projectId: string): RoleScope {
  return {
    level: "project",
    projectId,
    path: `/projects/${projectId}/roles`,
    list: () => listProjectRoles(projectId),
    get: (slug) => roles.getProjectRole(projectId, slug),
    create: (role) => roles.createProjectRole(projectId, role as unknown as OfProject),
    update: (roleId, changes) => roles.updateProjectRole(projectId, roleId, changes as unknown as Partial<OfProject>),
    remove: (roleId) => roles.deleteProjectRole(projectId, roleId),
  };
}

// The built-in roles have their slug as their id.
export function isBuiltIn({ id, slug }: Role): boolean {
  return id === slug;
}
