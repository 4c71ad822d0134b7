import { texts } from "$texts";

const integer = new Intl.NumberFormat(texts.locale);
const compact = new Intl.NumberFormat(texts.locale, { notation: "compact", maximumSignificantDigits: 3 });

export function count(value: number | bigint): string {
  return integer.format(value);
}

export function roughly(value: number | bigint): string {
  return compact.format(value);
}

const plurals = new Intl.PluralRules(texts.locale);

// `plural(2, { one: "token", other: "tokens" })` → "2 tokens"
export function plural(value: number, words: { readonly one: string; readonly other: string }): string {
  return `${count(value)} ${plurals.select(value) === "one" ? words.one : words.other}`;
}
