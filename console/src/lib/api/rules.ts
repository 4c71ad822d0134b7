// The API's own rules for the fields of its requests, checked while somebody types. They are generated from openapi.json;
// nothing here states one.

import { texts } from "$texts";
export * as rules from "./generated/rules";

export interface Rule {
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

const compiled = new Map<string, RegExp>();

function pattern(source: string): RegExp {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  // The document's patterns are searched for, as JSON Schema has it.
  const made = new RegExp(source, "u");
  compiled.set(source, made);
  return made;
}

// What is wrong with a text; undefined when nothing is.
export function textFault(rule: Rule, text: string): string | undefined {
  const length = [...text].length;
  if (text === "") return rule.required === true || (rule.minLength ?? 0) > 0 ? texts.faults.needed : undefined;
  if (rule.minLength !== undefined && length < rule.minLength) return texts.faults.tooShort(rule.minLength);
  if (rule.maxLength !== undefined && length > rule.maxLength) return texts.faults.tooLong(rule.maxLength, length);
  if (rule.pattern !== undefined && !pattern(rule.pattern).test(text)) return text.trim() === "" ? texts.faults.needed : texts.faults.characters;
  return undefined;
}

export function numberFault(rule: Rule, value: number): string | undefined {
  if (!Number.isSafeInteger(value)) return texts.faults.wholeNumber;
  if (rule.minimum !== undefined && value < rule.minimum) return texts.faults.below(rule.minimum);
  if (rule.maximum !== undefined && value > rule.maximum) return texts.faults.above(rule.maximum);
  return undefined;
}
