// The fenced blocks of README.md and of docs/, so that tests can run what they show.

import { readFile } from "node:fs/promises";

// In the order in which a reader goes through them: each may use what the ones before it have made.
const DOCUMENTS = ["api", "oauth", "explain", "settings", "deployment", "gateway", "forward-auth", "operation", "limits", "upgrading"];

// README.md, and then each document as a chapter of it.
export async function readme() {
  const read = (name) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");
  const documents = await Promise.all(DOCUMENTS.map((name) => read(`docs/${name}.md`)));
  return [await read("README.md"), ...documents.map((text) => text.replaceAll(/^(?=#+ [A-Z])/gm, "#"))].join("\n");
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

// The rows of the first table below a heading of the documentation: the texts of their cells, without the head.
export async function tableBelow(heading) {
  const lines = (await readme()).split("\n");
  const start = lines.findIndex((line) => /^#{2,} /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start < 0) throw new Error(`there is no heading "${heading}"`);
  const first = lines.findIndex((line, index) => index > start && line.startsWith("|"));
  const length = lines.slice(first).findIndex((line) => !line.startsWith("|"));
  const rows = lines.slice(first + 2, first + length);
  return rows.map((row) => row.slice(1, -1).split(" | ").map((cell) => cell.trim()));
}
