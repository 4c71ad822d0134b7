import type { Role } from "$lib/api/role_scope";
import type { PermissionRule } from "$lib/permission/ability";

export interface RoleForm {
  name: string;
  slug: string;
  description: string;
  rules: readonly PermissionRule[];
}

export function roleForm(role: Role): RoleForm {
  return { name: role.name, slug: role.slug, description: role.description ?? "", rules: role.permissions ?? [] };
}
