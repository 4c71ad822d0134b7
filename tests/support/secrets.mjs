// Looks for secrets where none may stand.

import { readFile } from "node:fs/promises";

import { TOKEN_PATTERN } from "./api.mjs";
import { files } from "./files.mjs";

// Every place under `folder`, in the replica and in the logs that holds something like a token, or one of `secrets` in
// any of its spellings. Files are read as raw bytes: also what SQLite has deleted and not yet overwritten is found.
export async function findSecrets(harness, secrets) {
  const places = [];
  for (const [place, text] of await texts(harness)) {
    if (TOKEN_PATTERN.test(text) || spellings(secrets).some((spelling) => text.includes(spelling))) places.push(place);
  }
  return places;
}

async function texts(harness) {
  const found = harness.logs.map((line, number) => [`log line ${number}`, line]);
  const store = await harness.store;
  for (const { name, metadata } of (await store.list()).keys) {
    found.push([`KV ${name}`, `${name} ${JSON.stringify(metadata)} ${await store.get(name)}`]);
  }
  for (const file of await files(harness.stateFolder)) found.push([`file ${file}`, await readFile(file, "latin1")]);
  return found;
}

function spellings(secrets) {
  return secrets.flatMap((secret) => [
    secret,
    ...["hex", "base64", "base64url"].map((encoding) => Buffer.from(secret).toString(encoding).replace(/=+$/, "")),
  ]);
}
