// How a token is: what its numbers and times mean together.

import type { AccessToken } from "$lib/api/identities";
import { count } from "$lib/format/numbers";
import { texts } from "$texts";

export type TokenState = "live" | "expiring" | "expired" | "exhausted" | "revoked";

const LONGEST_WARNING = 7 * 86_400_000;
// It is said to be expiring when less than this part of its life is left.
const LAST_PART = 10;

interface Life {
  readonly from: number;
  // Undefined: it never expires.
  readonly until: number | undefined;
}

function life(token: AccessToken): Life {
  const created = Date.parse(token.createdAt);
  const from = token.accessTokenLastRenewedAt === null ? created : Date.parse(token.accessTokenLastRenewedAt);
  const ends = [
    ...(token.accessTokenTTL > 0 ? [from + token.accessTokenTTL * 1_000] : []),
    ...(token.accessTokenMaxTTL > 0 ? [created + token.accessTokenMaxTTL * 1_000] : []),
  ];
  return { from, until: ends.length === 0 ? undefined : Math.min(...ends) };
}

export function expiry(token: AccessToken): number | undefined {
  return life(token).until;
}

export function limitOf(token: AccessToken): number | undefined {
  return token.accessTokenNumUsesLimit === 0 ? undefined : token.accessTokenNumUsesLimit;
}

export function stateOf(token: AccessToken, now: number): TokenState {
  const { from, until } = life(token);
  const limit = limitOf(token);
  if (token.isAccessTokenRevoked) return "revoked";
  if (until !== undefined && until <= now) return "expired";
  if (limit !== undefined && token.accessTokenNumUses >= limit) return "exhausted";
  if (until !== undefined && until - now < Math.min(LONGEST_WARNING, (until - from) / LAST_PART)) return "expiring";
  return "live";
}

export const TONES = { live: "good", expiring: "warn", expired: "plain", exhausted: "plain", revoked: "bad" } as const;

export function nameOf(token: AccessToken): string {
  return token.name === null || token.name === "" ? texts.identity.unnamed : token.name;
}

export function usesOf(token: AccessToken): string {
  const limit = limitOf(token);
  const used = count(token.accessTokenNumUses);
  return limit === undefined ? texts.identity.usesOfNone(used) : texts.identity.usesOf(used, count(limit));
}
