// Makes src/lib/api/generated/ of ../openapi.json: the types of the API, and the rules of its fields that a form checks
// while somebody types. It is made anew before every build and never committed, so it cannot differ from the document.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import { fieldRules } from "./rules.mjs";
import { ruleSubjects } from "./subjects.mjs";

const DOCUMENT = new URL("../../openapi.json", import.meta.url);
const FOLDER = new URL("../src/lib/api/generated/", import.meta.url);

async function write(name, text) {
  const file = new URL(name, FOLDER);
  if ((await readFile(file, "utf8").catch(() => undefined)) !== text) await writeFile(file, text);
}

const document = JSON.parse(await readFile(DOCUMENT, "utf8"));
await mkdir(FOLDER, { recursive: true });
await write("schema.ts", astToString(await openapiTS(document, { alphabetize: true })));
await write(
  "rules.ts",
  // One export for each body, so that a screen carries only those it checks.
  Object.entries(fieldRules(document))
    .map(([body, fields]) => `export const ${body} = ${JSON.stringify(fields, null, 2)} as const;\n`)
    .join("\n"),
);
await write(
  "subjects.ts",
  Object.entries(ruleSubjects(document))
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value, null, 2)} as const;\n`)
    .join("\n"),
);
