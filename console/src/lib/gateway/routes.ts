// Which route a request takes, as the server decides it (crates/domain/src/gateway): first whose the request is, by the
// most specific delegation, then which of the project's routes, by host and the longest prefix.

import type { components } from "$lib/api/generated/schema";
import type { Route } from "$lib/api/projects";
import { rules } from "$lib/api/rules";

export type RouteDelegation = components["schemas"]["RouteDelegation"];
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];
export type Via = "gateway" | "forward-auth";

export interface GatewayRequest {
  readonly host: string;
  readonly method: Method;
  readonly path: string;
  readonly via: Via;
}

// Requests to one host, or to every host, below a prefix.
export interface Space {
  readonly host: string | null;
  readonly pathPrefix: string;
}

export const ACTION_OF: Readonly<Record<Method, string>> = { GET: "read", HEAD: "read", POST: "create", PUT: "edit", PATCH: "edit", DELETE: "delete" };

const DEFAULT_TIMEOUT = rules.CreateRouteRequest.timeoutSeconds.default;
const PLAIN_SEGMENT = /^(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-Fa-f]{2})*$/;

// Whether a path can be read in one way only. The server looks more closely at what is percent-encoded.
export function isPlainPath(path: string): boolean {
  const [beginning, ...segments] = path.split("/");
  if (beginning !== "" || segments.length === 0) return false;
  return segments.every((segment, index) => PLAIN_SEGMENT.test(segment) && segment !== "." && segment !== ".." && (segment !== "" || index === segments.length - 1));
}

export function canonicalPath(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (encoded) => encoded.toUpperCase());
}

// A prefix ends at a segment: `/api` begins `/api` and `/api/x`, not `/apix`.
export function begins(prefix: string, path: string): boolean {
  if (!path.startsWith(prefix)) return false;
  const rest = path.slice(prefix.length);
  return prefix === "/" || rest === "" || rest.startsWith("/");
}

export function normalPrefix(prefix: string): string {
  return prefix.length > 1 ? prefix.replace(/\/$/, "") : prefix;
}

function isForHost(space: Space, host: string): boolean {
  return space.host === null || space.host === host;
}

// Of two spaces, the one that wins where both are for a request comes first.
function byPrecedence(one: Space, other: Space): number {
  return Number(one.host === null) - Number(other.host === null) || other.pathPrefix.length - one.pathPrefix.length;
}

function includesMethod(route: Pick<Route, "methods">, method: string): boolean {
  return route.methods === null || route.methods.includes(method) || (method === "HEAD" && route.methods.includes("GET"));
}

// What the gateway sends on has an origin; what a reverse proxy sends on wants no more than the proxy is sure to do.
function counts(route: Route, via: Via): boolean {
  return via === "gateway" ? route.origin !== null : !route.keepAuthorization && route.headers.length === 0 && route.timeoutSeconds === DEFAULT_TIMEOUT;
}

export type Taken =
  | { readonly is: "route"; readonly route: Route; readonly delegation: RouteDelegation | undefined }
  | { readonly is: "other project"; readonly delegation: RouteDelegation }
  | { readonly is: "not delegated" }
  | { readonly is: "no route" }
  | { readonly is: "not by this way"; readonly route: Route }
  | { readonly is: "method"; readonly route: Route; readonly allowed: readonly string[] };

// Without `delegations`, because the caller may not see them, what the routes say of themselves has to do.
export function routeOf(request: GatewayRequest, projectId: string, routes: readonly Route[], delegations: readonly RouteDelegation[] | undefined): Taken {
  const path = canonicalPath(request.path);
  const folded = path.toLowerCase();
  const delegation = delegations?.filter((known) => isForHost(known, request.host) && begins(known.pathPrefix.toLowerCase(), folded)).toSorted(byPrecedence)[0];
  if (delegations !== undefined && delegation === undefined) return { is: "not delegated" };
  if (delegation !== undefined && delegation.projectId !== projectId) return { is: "other project", delegation };
  const winners = routes.filter((route) => route.active && isForHost(route, request.host) && begins(route.pathPrefix, path)).toSorted(byPrecedence);
  const [winner] = winners;
  if (winner === undefined) return { is: "no route" };
  const beside = winners.filter((route) => route.host === winner.host && route.pathPrefix === winner.pathPrefix);
  const counted = beside.filter((route) => counts(route, request.via));
  if (counted.length === 0) return { is: "not by this way", route: winner };
  const route = counted.find((known) => includesMethod(known, request.method));
  if (route === undefined) return { is: "method", route: winner, allowed: counted.flatMap(({ methods }) => methods ?? METHODS) };
  return { is: "route", route, delegation };
}

export interface Draft extends Space {
  readonly id?: string | undefined;
  readonly methods: readonly string[] | null;
}

// How a route stands to the others of its project.
export interface Neighbours {
  // They cannot both exist: some request could take either.
  readonly conflicts: readonly Route[];
  // They take requests from it: a longer prefix below its own, or an exact host where it is for every host.
  readonly narrower: readonly Route[];
  // It takes requests from them.
  readonly wider: readonly Route[];
}

function overlapOf(one: Draft, other: Draft): boolean {
  return METHODS.some((method) => includesMethod(asRoute(one), method) && includesMethod(asRoute(other), method));
}
function asRoute({ methods }: Draft): Pick<Route, "methods"> {
  return { methods: methods === null ? null : [...methods] };
}
function meet(one: Space, other: Space): boolean {
  const hosts = one.host === null || other.host === null || one.host === other.host;
  return hosts && (begins(one.pathPrefix, other.pathPrefix) || begins(other.pathPrefix, one.pathPrefix));
}

export function neighbours(draft: Draft, routes: readonly Route[]): Neighbours {
  const others = routes.filter(({ id }) => id !== draft.id);
  const isSame = (route: Route) => route.host === draft.host && route.pathPrefix === draft.pathPrefix;
  const around = others.filter((route) => !isSame(route) && meet(draft, route));
  return {
    conflicts: others.filter((route) => isSame(route) && overlapOf(draft, route)),
    narrower: around.filter((route) => byPrecedence(route, draft) < 0),
    wider: around.filter((route) => byPrecedence(route, draft) > 0),
  };
}

// The other spaces that take requests from one.
export function narrowerSpaces<Other extends Space & { readonly id: string }>(space: Other, all: readonly Other[]): Other[] {
  const folded = ({ host, pathPrefix }: Space): Space => ({ host, pathPrefix: pathPrefix.toLowerCase() });
  return all.filter((other) => other.id !== space.id && meet(folded(space), folded(other)) && byPrecedence(other, space) < 0);
}
