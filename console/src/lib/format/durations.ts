// Lengths of time in words: 5400 → "1 hour 30 minutes".

import { texts } from "$texts";

export const UNITS = [
  { unit: "day", seconds: 86_400 },
  { unit: "hour", seconds: 3_600 },
  { unit: "minute", seconds: 60 },
  { unit: "second", seconds: 1 },
] as const;

export type Unit = (typeof UNITS)[number]["unit"];

const formats = new Map<Unit, Intl.NumberFormat>(
  UNITS.map(({ unit }) => [unit, new Intl.NumberFormat(texts.locale, { style: "unit", unit, unitDisplay: "long" })]),
);

export function duration(seconds: number): string {
  const parts: string[] = [];
  let left = seconds;
  for (const { unit, seconds: length } of UNITS) {
    const whole = Math.floor(left / length);
    left -= whole * length;
    if (whole > 0) parts.push(formats.get(unit)?.format(whole) ?? "");
  }
  return parts.length === 0 ? (formats.get("second")?.format(0) ?? "") : parts.join(" ");
}

// The largest unit that divides `seconds`, and how many of it: 7200 → 2 hours.
export function inUnit(seconds: number): { readonly amount: number; readonly unit: Unit } {
  const found = UNITS.find(({ seconds: length }) => seconds > 0 && seconds % length === 0);
  return { amount: found === undefined ? seconds : seconds / found.seconds, unit: found?.unit ?? "day" };
}

export function secondsOf(amount: number, unit: Unit): number {
  return amount * (UNITS.find((known) => known.unit === unit)?.seconds ?? 1);
}
