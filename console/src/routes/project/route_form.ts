// A route as a form holds it, and as the API takes it.

import type { components } from "$lib/api/generated/schema";
import type { Route } from "$lib/api/projects";
import { numberFault, rules, textFault } from "$lib/api/rules";
import { METHODS, type Method, normalPrefix } from "$lib/gateway/routes";
import { routes as words, texts } from "$texts";

export type RouteRequest = Required<Omit<components["schemas"]["CreateRouteRequest"], never>>;

export interface RouteForm {
  host: string | null;
  pathPrefix: string;
  every: "every" | "these";
  methods: Method[];
  to: "origin" | "proxy";
  origin: string;
  timeout: string;
  webSocket: boolean;
  keepAuthorization: boolean;
  headers: { name: string; value: string }[];
}

const rule = rules.CreateRouteRequest;

export function newRoute(): RouteForm {
  return { host: "", pathPrefix: "/", every: "every", methods: ["GET"], to: "origin", origin: "", timeout: String(rule.timeoutSeconds.default), webSocket: false, keepAuthorization: false, headers: [] };
}

export function routeForm(route: Route): RouteForm {
  return {
    host: route.host,
    pathPrefix: route.pathPrefix,
    every: route.methods === null ? "every" : "these",
    methods: METHODS.filter((method) => route.methods?.includes(method)),
    to: route.origin === null ? "proxy" : "origin",
    origin: route.origin ?? "",
    timeout: String(route.timeoutSeconds),
    webSocket: route.webSocket,
    keepAuthorization: route.keepAuthorization,
    headers: route.headers.map(({ name, value }) => ({ name, value })),
  };
}

export function routeRequest(form: RouteForm): RouteRequest {
  const toOrigin = form.to === "origin";
  return {
    host: form.host,
    pathPrefix: normalPrefix(form.pathPrefix.trim()),
    methods: form.every === "every" ? null : METHODS.filter((method) => form.methods.includes(method)),
    origin: toOrigin ? form.origin.trim() : null,
    timeoutSeconds: toOrigin ? Number(form.timeout) : rule.timeoutSeconds.default,
    webSocket: form.webSocket,
    keepAuthorization: toOrigin && form.keepAuthorization,
    headers: toOrigin ? form.headers.map(({ name, value }) => ({ name: name.trim(), value: value.trim() })).filter(({ name, value }) => name !== "" || value !== "") : [],
  };
}

export interface RouteFaults {
  readonly pathPrefix?: string | undefined;
  readonly methods?: string | undefined;
  readonly origin?: string | undefined;
  readonly timeout?: string | undefined;
  readonly headers?: string | undefined;
}

export function routeFaults(form: RouteForm): RouteFaults {
  const toOrigin = form.to === "origin";
  const headers = routeRequest(form).headers;
  const header = headers.map(({ name, value }) => textFault({ ...headerRule.name, required: true }, name) ?? textFault(headerRule.value, value)).find((fault) => fault !== undefined);
  const [named, different] = [headers.length, new Set(headers.map(({ name }) => name.toLowerCase())).size];
  return {
    pathPrefix: textFault({ ...rule.pathPrefix, required: true }, form.pathPrefix.trim()),
    methods: form.every === "these" && form.methods.length === 0 ? words.methodsAre : undefined,
    origin: !toOrigin ? undefined : form.origin.trim() === "" ? words.originIs : textFault(rule.origin, form.origin.trim()),
    timeout: !toOrigin ? undefined : /^\d{1,4}$/.test(form.timeout.trim()) ? numberFault(rule.timeoutSeconds, Number(form.timeout)) : texts.faults.wholeNumber,
    headers: header ?? (named === different ? undefined : words.headerTwice),
  };
}

const headerRule = rules.AddedHeaderRequest;
