// The roles that somebody can choose from, and why they may not give some of them. The server says so.

import type { MissingPermission } from "$lib/api/failure";
import type { GivableProjectRole, GivableRole } from "$lib/api/givable_roles";
import type { Choice } from "$lib/components/SelectField.svelte";
import { texts } from "$texts";

interface Role {
  readonly slug: string;
  readonly name: string;
}

// By slug, what one lacks to give a role. What stands there not at all is not known before it is tried.
export type Missing = ReadonlyMap<string, readonly MissingPermission[]>;

export function missingOf(told: readonly GivableRole[] | undefined): Missing {
  return new Map((told ?? []).flatMap(({ slug, missingPermissions }) => (missingPermissions === null ? [] : [[slug, missingPermissions] as const])));
}

// The same for giving a role of a project for a time.
export function missingForATime(told: readonly GivableProjectRole[] | undefined): Missing {
  return missingOf(told?.map(({ slug, missingPermissionsForATime }) => ({ slug, missingPermissions: missingPermissionsForATime })));
}

export interface RoleChoice extends Choice {
  readonly name: string;
  readonly missing: readonly MissingPermission[];
}

// `held` has the role already, which is no gift.
export function roleChoices(roles: readonly Role[], missing: Missing, held?: string): RoleChoice[] {
  return roles.map(({ slug, name }) => {
    const lacking = slug === held ? [] : (missing.get(slug) ?? []);
    const [first] = lacking;
    const label = first === undefined ? name : texts.beyond.option(name, texts.permission(first.action, first.subject), lacking.length - 1);
    return { value: slug, name, missing: lacking, label, disabled: first !== undefined };
  });
}
