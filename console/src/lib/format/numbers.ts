import { texts } from "$texts";

const integer = new Intl.NumberFormat(texts.locale);
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export function count(value: number | bigint): string {
  return integer.format(value);
}

// "2⁹⁶", for what has too many digits to be read.
export function power(base: number, exponent: number): string {
  return count(base) + [...String(exponent)].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
}

const plurals = new Intl.PluralRules(texts.locale);

// `plural(2, { one: "token", other: "tokens" })` → "2 tokens"
export function plural(value: number, words: { readonly one: string; readonly other: string }): string {
  return `${count(value)} ${plurals.select(value) === "one" ? words.one : words.other}`;
}
