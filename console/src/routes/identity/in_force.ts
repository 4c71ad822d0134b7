// A revocation's answer says from when on it holds everywhere.

import { clockTime } from "$lib/format/times";
import { texts } from "$texts";

export function inForceAt(answer: object): number | undefined {
  const at = "inForceEverywhereAt" in answer ? answer.inForceEverywhereAt : undefined;
  return typeof at === "string" ? Date.parse(at) : undefined;
}

export function forcedBy(answer: object): string | undefined {
  const at = inForceAt(answer);
  return at === undefined ? undefined : `${texts.identity.forceBy(clockTime(at))}.`;
}
