import { texts } from "$texts";

const relative = new Intl.RelativeTimeFormat(texts.locale, { numeric: "auto", style: "long" });
const exactly = new Intl.DateTimeFormat(texts.locale, { dateStyle: "medium", timeStyle: "long" });
const clock = new Intl.DateTimeFormat(texts.locale, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(texts.locale, { dateStyle: "medium" });

const UNITS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

// "3 days ago", "in 2 hours", "just now".
export function relativeTime(moment: number, now: number): string {
  const seconds = (moment - now) / 1_000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return seconds > 5 ? texts.times.inMoments : texts.times.justNow;
}

export function exactTime(moment: number): string {
  return exactly.format(moment);
}

export function clockTime(moment: number): string {
  return clock.format(moment);
}

export function dayOf(moment: number): string {
  return day.format(moment);
}

// "4:05" of 245 seconds left.
export function countdown(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}
