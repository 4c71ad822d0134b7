// A rule in one line.

import { roles as words, ruleActions, ruleSubjects } from "$texts";
import { type PermissionRule, requirements } from "./ability";

export function subjectName(subject: string): string {
  return ruleSubjects[subject] ?? subject;
}

export function actionName(action: string): string {
  return ruleActions[action] ?? action;
}

export function fieldName(field: string): string {
  return words.field[field] ?? field;
}

export function ruleText(rule: PermissionRule): string {
  const where = requirements(rule).flatMap(([field, wanted]) =>
    typeof wanted === "object" && wanted !== null
      ? Object.entries(wanted).map(([operator, value]) => words.where(fieldName(field), words.operators[operator] ?? operator, Array.isArray(value) ? value.join(", ") : String(value)))
      : [words.where(fieldName(field), words.operators["$eq"] ?? "", String(wanted))],
  );
  return words.sentence(rule.inverted, rule.action.map(actionName), subjectName(rule.subject), where.join(", "));
}
