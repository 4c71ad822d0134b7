// Where a failed check can be put right.

import type { Explanation } from "$lib/api/explain";
import { ACTION_OF, type Method } from "$lib/gateway/routes";
import { explain as words } from "$texts";

export interface Fix {
  readonly label: string;
  readonly path: string;
}

export type Inputs = Readonly<Record<string, unknown>>;

export function inputsOf(explanation: Explanation, check: string): Inputs {
  return (explanation.checks.find((known) => known.check === check)?.inputs ?? {}) as Inputs;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function query(fields: Readonly<Record<string, string | null | undefined>>): string {
  const given = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === "string" && entry[1] !== "");
  return new URLSearchParams(given).toString();
}

// `identityId`: whose the token is, where that is known from elsewhere; `asked`: the request, as it was described.
export function fixesOf(explanation: Explanation, identityId: string | undefined, asked: { host: string; method: string; path: string; via: string }): Fix[] {
  const check = explanation.refusal?.check;
  const identity = text(inputsOf(explanation, "identity")["identityId"]) ?? identityId;
  const name = text(inputsOf(explanation, "identity")["identityName"]);
  const route = inputsOf(explanation, "route");
  const project = text((route["route"] as Inputs | undefined)?.["projectId"]);
  const toIdentity = (label: string): Fix[] => (identity === undefined ? [{ label: words.toIdentities, path: "/identities" }] : [{ label, path: `/identities/${identity}` }]);
  const request = query({ host: asked.host, method: asked.method, path: asked.path, via: asked.via === "gateway" ? "" : asked.via });
  const toRoutes: Fix = project === undefined ? { label: words.toProjects, path: "/projects" } : { label: words.toRoutes, path: `/projects/${project}/routes?${request}` };
  switch (check) {
    case "not_revoked":
    case "not_expired":
    case "client_secret":
    case "uses":
      return toIdentity(words.toTokens);
    case "auth_method":
      return toIdentity(words.toIdentity);
    case "client_address":
      return toIdentity(words.toTrustedIps);
    case "identity":
      return [{ label: words.toIdentities, path: "/identities" }];
    case "route": {
      const missing = route["missingRouteDelegation"] as Inputs | undefined;
      return missing === undefined ? [toRoutes] : [{ label: words.toDelegate, path: `/route-delegations?${query({ create: "yes", project: text(missing["projectId"]) })}` }];
    }
    case "membership":
      return project === undefined ? [] : [{ label: words.toMembers, path: `/projects/${project}?create=yes` }];
    case "method":
    case "web_socket":
      return [toRoutes];
    case "permission": {
      const inputs = inputsOf(explanation, "permission");
      const of = text(inputs["projectId"]);
      if (of === undefined) return [];
      const roles = Array.isArray(inputs["roles"]) ? (inputs["roles"] as Inputs[]) : [];
      const action = ACTION_OF[asked.method as Method];
      return [
        { label: words.toMemberRoles, path: `/projects/${of}?${query({ search: name })}` },
        ...roles.flatMap((held) => {
          const slug = text(held["role"]);
          return slug === undefined ? [] : [{ label: words.toRole(slug), path: `/projects/${of}/roles/${slug}?${query({ view: "list", path: asked.path, action: action === "read" ? "" : action })}` }];
        }),
      ];
    }
    default:
      return [];
  }
}
