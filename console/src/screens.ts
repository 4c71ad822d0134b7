// The screens of the console. A new one is a line here and a component; each is loaded when it is first shown.

import type { Component } from "svelte";
import type { IconName } from "$lib/components/Icon.svelte";
import { type Parameters, match } from "$lib/state/router.svelte";
import { texts } from "$texts";

export interface Screen {
  readonly pattern: string;
  // A component that is given the parameters of the pattern, or takes none.
  readonly load: () => Promise<{ readonly default: Component<never> }>;
  // Where the screen begins a part of the console, how that part is called in the navigation.
  readonly navigation?: { readonly label: string; readonly icon: IconName };
}

export const HOME = "/identities";

export const screens: readonly Screen[] = [
  {
    pattern: "/identities",
    load: () => import("./routes/identities/Identities.svelte"),
    navigation: { label: texts.navigation.identities, icon: "identity" },
  },
  { pattern: "/identities/:identityId", load: () => import("./routes/identity/Identity.svelte") },
  {
    pattern: "/projects",
    load: () => import("./routes/projects/Projects.svelte"),
    navigation: { label: texts.navigation.projects, icon: "folder" },
  },
  { pattern: "/projects/:projectId", load: () => import("./routes/project/Members.svelte") },
  { pattern: "/projects/:projectId/environments", load: () => import("./routes/project/Environments.svelte") },
  { pattern: "/projects/:projectId/routes", load: () => import("./routes/project/Routes.svelte") },
  { pattern: "/projects/:projectId/roles", load: () => import("./routes/roles/ProjectRoles.svelte") },
  { pattern: "/projects/:projectId/roles/:roleSlug", load: () => import("./routes/roles/ProjectRole.svelte") },
  {
    pattern: "/roles",
    load: () => import("./routes/roles/Roles.svelte"),
    navigation: { label: texts.navigation.roles, icon: "shield" },
  },
  { pattern: "/roles/:roleSlug", load: () => import("./routes/roles/OrganizationRole.svelte") },
  {
    pattern: "/route-delegations",
    load: () => import("./routes/delegations/Delegations.svelte"),
    navigation: { label: texts.navigation.routeDelegations, icon: "route" },
  },
  {
    pattern: "/explain",
    load: () => import("./routes/explain/Explain.svelte"),
    navigation: { label: texts.navigation.explain, icon: "question" },
  },
  {
    pattern: "/settings",
    load: () => import("./routes/settings/Settings.svelte"),
    navigation: { label: texts.navigation.settings, icon: "settings" },
  },
];

export function screenAt(path: string): { readonly screen: Screen; readonly parameters: Parameters } | undefined {
  for (const screen of screens) {
    const parameters = match(screen.pattern, path);
    if (parameters !== undefined) return { screen, parameters };
  }
  return undefined;
}
