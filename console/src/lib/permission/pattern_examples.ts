// Paths that show what a pattern means: some that it matches, and their neighbours that it does not.

import { matches } from "./glob";

const MOST_OF_EACH = 3;

function filled(pattern: string, segments: string, within: string): string {
  return pattern.replaceAll("**", segments).replaceAll("*", within).replaceAll("?", "a");
}

export interface Example {
  readonly path: string;
  readonly matches: boolean;
}

export function patternExamples(pattern: string): Example[] {
  if (pattern === "") return [];
  const head = pattern.split(/[*?]/)[0] ?? "";
  const near = filled(pattern, "7", "7");
  const candidates = [
    near,
    filled(pattern, "7/items", "42"),
    pattern.includes("**") ? filled(pattern.replaceAll("**/", ""), "", "7") : "",
    head.replace(/\/$/, ""),
    `${near}/more`,
    `${head.replace(/\/$/, "")}x`,
    near.toUpperCase() === near ? "" : near.replace(/[a-z]/, (letter) => letter.toUpperCase()),
  ];
  const examples = [...new Set(candidates.filter((path) => path !== ""))].map((path) => ({ path, matches: matches(pattern, path) }));
  const of = (wanted: boolean) => examples.filter((example) => example.matches === wanted).slice(0, MOST_OF_EACH);
  return [...of(true), ...of(false)];
}
