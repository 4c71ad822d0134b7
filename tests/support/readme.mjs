// The fenced blocks of README.md, so that tests can run what it shows.

import { readFile } from "node:fs/promises";

export function readme() {
  return readFile(new URL("../../README.md", import.meta.url), "utf8");
}

// Every fenced block: its language ("" for none), its text without the indentation of the fence, the line it begins in,
// the heading of any level that it is below, and the chapter, which is the heading of the second level.
export function fencesOf(text) {
  const fences = [];
  let open;
  let section = "";
  let chapter = "";
  for (const [index, line] of text.split("\n").entries()) {
    const heading = open ? null : /^(##+) (.*)$/.exec(line);
    const fence = /^( *)```(\w*)$/.exec(line);
    if (heading) {
      section = heading[2];
      if (heading[1] === "##") chapter = section;
    } else if (fence && !open) {
      open = { language: fence[2], indent: fence[1].length, line: index + 1, section, chapter, lines: [] };
    } else if (fence) {
      const { lines, indent, ...rest } = open;
      fences.push({ ...rest, text: lines.map((inner) => inner.slice(indent)).join("\n") });
      open = undefined;
    } else {
      open?.lines.push(line);
    }
  }
  if (open) throw new Error(`the block in line ${open.line} does not end`);
  return fences;
}
