// Moves the Directory's outbox into the past, so that no test has to wait for a minute to pass.

import { DatabaseSync } from "node:sqlite";

import { files } from "./files.mjs";

// Makes every put look as if it had happened, and be due, `seconds` earlier. The Worker must be stopped.
export async function letTimePass(harness, seconds) {
  const databases = (await files(harness.stateFolder)).filter((file) => /-Directory\/[0-9a-f]+\.sqlite$/.test(file));
  for (const file of databases) {
    const database = new DatabaseSync(file);
    database.prepare("UPDATE outbox SET put_at = put_at - ?1, due_at = due_at - ?1").run(seconds * 1000);
    database.close();
  }
}
