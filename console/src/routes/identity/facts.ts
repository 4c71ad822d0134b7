// What is said of an identity, and of what hangs on it, where somebody else may have changed it meanwhile.

import type { AccessToken, IdentityMembership, TokenAuth } from "$lib/api/identities";
import { joined } from "$lib/format/addresses";
import { duration } from "$lib/format/durations";
import { count } from "$lib/format/numbers";
import { exactTime } from "$lib/format/times";
import type { Facts } from "$lib/state/removing.svelte";
import { roleName, texts } from "$texts";
import { expiry, nameOf } from "./token_state";

const words = texts.identity;

export function identityFacts({ identity, role, customRole, metadata }: IdentityMembership): Facts {
  return {
    [texts.identities.name]: identity.name,
    [texts.identities.role]: roleName(role, customRole?.name),
    [texts.identities.protection]: identity.hasDeleteProtection ? words.on : words.off,
    [texts.identities.methods]: identity.authMethods.join(", "),
    [texts.identities.metadata]: (metadata ?? []).map(({ key, value }) => `${key}: ${value}`).join("\n"),
  };
}

// What the methods have in common.
export type Configuration = Pick<TokenAuth, "accessTokenTTL" | "accessTokenMaxTTL" | "accessTokenNumUsesLimit" | "accessTokenTrustedIps">;

export function configurationFacts(configuration: Configuration): Facts {
  const span = (seconds: number) => (seconds === 0 ? texts.times.never : duration(seconds));
  return {
    [words.shortTtl]: span(configuration.accessTokenTTL),
    [words.shortMaxTtl]: span(configuration.accessTokenMaxTTL),
    [words.uses]: configuration.accessTokenNumUsesLimit === 0 ? words.noLimit : count(configuration.accessTokenNumUsesLimit),
    [texts.trustedIps.label]: configuration.accessTokenTrustedIps.map(joined).join("\n"),
  };
}

export function tokenFacts(token: AccessToken): Facts {
  const end = expiry(token);
  return {
    [words.tokenName]: nameOf(token),
    [words.expires]: end === undefined ? texts.times.never : exactTime(end),
    [words.status]: token.isAccessTokenRevoked ? words.state.revoked : words.state.live,
    [texts.conflict.changed]: exactTime(Date.parse(token.updatedAt)),
  };
}
