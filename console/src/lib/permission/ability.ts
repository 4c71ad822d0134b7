// What rules decide, as the server decides it (crates/domain/src/permission/ability.rs): the last rule that is about a
// thing wins, and where it is not certain that a rule allows, it does not.

import type { components } from "$lib/api/generated/schema";
import { matches } from "./glob";

export type PermissionRule = components["schemas"]["PermissionRule"];
export type Requirements = components["schemas"]["Requirements"];

const EVERYTHING = "*";

export function isAbout(rule: PermissionRule, action: string, subject: string): boolean {
  return (rule.subject === EVERYTHING || rule.subject === subject) && (rule.action.includes(EVERYTHING) || rule.action.includes(action));
}

export function fulfils(value: string, wanted: Requirements): boolean {
  return (
    (wanted.$eq === undefined || value === wanted.$eq) &&
    (wanted.$ne === undefined || value !== wanted.$ne) &&
    (wanted.$in === undefined || wanted.$in.includes(value)) &&
    (wanted.$glob === undefined || matches(wanted.$glob, value))
  );
}

// What a rule requires of each field. A rule may have conditions that are kept only, and mean nothing here.
export function requirements(rule: PermissionRule): [field: string, wanted: Requirements][] {
  return Object.entries((rule.conditions ?? {}) as Record<string, Requirements>);
}

function applies(rule: PermissionRule, thing: Readonly<Record<string, string>>): "yes" | "no" | "unknown" {
  let answer: "yes" | "unknown" = "yes";
  for (const [field, wanted] of requirements(rule)) {
    const value = thing[field];
    if (value === undefined) answer = "unknown";
    else if (!fulfils(value, wanted)) return "no";
  }
  return answer;
}

// The place of the rule that decides about this action on a thing with these fields; undefined where none does.
export function decidingRule(rules: readonly PermissionRule[], action: string, subject: string, thing: Readonly<Record<string, string>>): number | undefined {
  const place = rules.findLastIndex((rule) => {
    if (!isAbout(rule, action, subject)) return false;
    const about = applies(rule, thing);
    return about === "yes" || (about === "unknown" && rule.inverted);
  });
  return place < 0 ? undefined : place;
}

// What the rules say about an action on all things of a subject.
export type Extent = "everything" | "some" | "nothing";

export function extent(rules: readonly PermissionRule[], action: string, subject: string): Extent {
  let denies = false;
  for (const rule of rules.toReversed()) {
    if (!isAbout(rule, action, subject)) continue;
    const conditional = requirements(rule).length > 0;
    if (rule.inverted && !conditional) return "nothing";
    if (rule.inverted) denies = true;
    else return conditional || denies ? "some" : "everything";
  }
  return "nothing";
}
