// Rules while somebody changes them: what a cell of the matrix does, what is wrong with one, and what has changed.

import { organization, pattern as patternRule, project } from "$lib/api/generated/subjects";
import { roles as words, texts } from "$texts";
import { extent, isAbout, type PermissionRule, type Requirements, requirements } from "./ability";

export type Level = "organization" | "project";

export interface RuleSubject {
  readonly name: string;
  readonly actions: readonly string[];
  readonly fields: readonly string[];
}

export function subjectsOf(level: Level): readonly RuleSubject[] {
  return level === "organization" ? organization : project;
}

export const OPERATORS = ["$glob", "$eq", "$ne", "$in"] as const;
export type Operator = (typeof OPERATORS)[number];
export const USUAL_ACTIONS = ["read", "create", "edit", "delete"] as const;

// A rule of which nothing here can be changed: of a built-in role, or about what is only kept.
export function isKept(rule: PermissionRule, level: Level): boolean {
  return !subjectsOf(level).some(({ name }) => name === rule.subject);
}

function isPlain(rule: PermissionRule, action: string, subject: string): boolean {
  return rule.subject === subject && isAbout(rule, action, subject) && requirements(rule).length === 0;
}

function without(rules: readonly PermissionRule[], action: string, which: (rule: PermissionRule) => boolean): PermissionRule[] {
  return rules.flatMap((rule) => {
    if (!which(rule)) return [rule];
    const left = rule.action.filter((known) => known !== action);
    return left.length === 0 ? [] : [{ ...rule, action: left }];
  });
}

// Allows an action on everything of a subject, or takes that back. Where rules allow it for some only, nothing changes:
// they have to be looked at.
export function toggled(rules: readonly PermissionRule[], action: string, subject: string): PermissionRule[] {
  switch (extent(rules, action, subject)) {
    case "everything":
      return without(rules, action, (rule) => isPlain(rule, action, subject));
    case "some":
      return [...rules];
    case "nothing": {
      const undenied = without(rules, action, (rule) => rule.inverted && isPlain(rule, action, subject));
      const place = undenied.findIndex((rule) => rule.subject === subject && !rule.inverted && requirements(rule).length === 0);
      if (place < 0) return [...undenied, { subject, action: [action], inverted: false }];
      return undenied.map((rule, index) => (index === place ? { ...rule, action: [...rule.action, action] } : rule));
    }
  }
}

export function newRule(level: Level): PermissionRule {
  const subject = level === "project" ? "requests" : "identity";
  return { subject, action: ["read"], inverted: false, ...(level === "project" ? { conditions: { path: { $glob: "/v1/**" } } } : {}) };
}

export function operatorOf(wanted: Requirements): Operator {
  return OPERATORS.find((operator) => wanted[operator] !== undefined) ?? "$eq";
}

export function valueOf(wanted: Requirements): string {
  const value = wanted[operatorOf(wanted)];
  return Array.isArray(value) ? value.join("\n") : (value ?? "");
}

export function requirement(operator: Operator, text: string): Requirements {
  if (operator === "$in") return { $in: text.split("\n").map((line) => line.trim()).filter((line) => line !== "") };
  return { [operator]: text.trim() };
}

export function valueFault(wanted: Requirements): string | undefined {
  for (const value of Object.values(wanted).flat()) {
    if (value === "") return words.valueIs;
    if ([...value].length > patternRule.maxLength) return texts.faults.tooLong(patternRule.maxLength, [...value].length);
  }
  if (wanted.$in?.length === 0) return words.valueIs;
  if (wanted.$glob !== undefined && !new RegExp(patternRule.pattern, "u").test(wanted.$glob)) return words.patternFault;
  return undefined;
}

export function ruleFault(rule: PermissionRule, level: Level): string | undefined {
  if (isKept(rule, level)) return undefined;
  if (rule.action.length === 0) return words.actionsAre;
  return requirements(rule).map(([, wanted]) => valueFault(wanted)).find((fault) => fault !== undefined);
}

// With another subject only those actions and conditions stay that it has.
export function withSubject(rule: PermissionRule, name: string, level: Level): PermissionRule {
  const subject = subjectsOf(level).find((known) => known.name === name);
  if (subject === undefined) return rule;
  const conditions = Object.fromEntries(requirements(rule).filter(([field]) => subject.fields.includes(field)));
  const { conditions: _, ...rest } = rule;
  return { ...rest, subject: name, action: rule.action.filter((action) => subject.actions.includes(action)), ...(Object.keys(conditions).length === 0 ? {} : { conditions }) };
}

export interface DiffLine {
  readonly is: "same" | "added" | "gone";
  readonly text: string;
}

// Which lines stay in their order, and which come and go: the longest common subsequence.
export function diff(before: readonly string[], after: readonly string[]): DiffLine[] {
  const lengths = Array.from({ length: before.length + 1 }, () => Array<number>(after.length + 1).fill(0));
  const at = (one: number, other: number): number => lengths[one]?.[other] ?? 0;
  for (let one = before.length - 1; one >= 0; one--) {
    for (let other = after.length - 1; other >= 0; other--) {
      const row = lengths[one];
      if (row) row[other] = before[one] === after[other] ? at(one + 1, other + 1) + 1 : Math.max(at(one + 1, other), at(one, other + 1));
    }
  }
  const lines: DiffLine[] = [];
  let [one, other] = [0, 0];
  while (one < before.length || other < after.length) {
    const [was, becomes] = [before[one], after[other]];
    if (was !== undefined && was === becomes) {
      lines.push({ is: "same", text: was });
      one += 1;
      other += 1;
    } else if (was !== undefined && (becomes === undefined || at(one + 1, other) >= at(one, other + 1))) {
      lines.push({ is: "gone", text: was });
      one += 1;
    } else if (becomes !== undefined) {
      lines.push({ is: "added", text: becomes });
      other += 1;
    }
  }
  return lines;
}
