// What is said of the parts of a project where somebody else may have changed them meanwhile.

import type { Environment, GrantedRole, Route } from "$lib/api/projects";
import { count } from "$lib/format/numbers";
import { exactTime } from "$lib/format/times";
import type { Facts } from "$lib/state/removing.svelte";
import { environments, gateway, members, project, roleName, routes, texts } from "$texts";
import { routeForm, routeRequest, type RouteRequest } from "./route_form";

export function changedAt({ updatedAt }: { readonly updatedAt: string }): Facts {
  return { [texts.conflict.changed]: exactTime(Date.parse(updatedAt)) };
}

export function requestFacts(request: RouteRequest): Facts {
  const on = (value: boolean) => (value ? project.on : project.off);
  return {
    [gateway.host]: request.host ?? gateway.everyHost,
    [gateway.prefix]: request.pathPrefix,
    [routes.methods]: request.methods === null ? routes.everyMethod : routes.methodList(request.methods),
    [routes.origin]: request.origin ?? routes.proxies,
    [routes.timeoutLabel]: routes.timeout(count(request.timeoutSeconds)),
    [routes.webSocket]: on(request.webSocket),
    [routes.keepsAuthorization]: on(request.keepAuthorization),
    [routes.headersLabel]: request.headers.map(({ name, value }) => `${name}: ${value}`).join("\n"),
  };
}

export function routeFacts(route: Route): Facts {
  return { ...requestFacts(routeRequest(routeForm(route))), ...changedAt(route) };
}

export function environmentFacts(environment: Environment): Facts {
  const { name, slug, position } = environment;
  return { [environments.name]: name, [environments.slug]: slug, [environments.position]: count(position), ...changedAt(environment) };
}

// A membership, as it is listed of a project or of an identity.
export function memberFacts(membership: { readonly roles: readonly GrantedRole[]; readonly updatedAt: string }): Facts {
  const said = ({ role, customRoleName, temporaryAccessEndTime }: GrantedRole) =>
    [roleName(role, customRoleName), ...(temporaryAccessEndTime === null ? [] : [texts.identity.until(exactTime(Date.parse(temporaryAccessEndTime)))])].join(", ");
  return { [members.roles]: membership.roles.map(said).join("\n"), ...changedAt(membership) };
}
