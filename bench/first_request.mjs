// How long the first request takes that a fresh isolate of the edge Worker answers, with a token that the isolate has
// to look up, and the second one beside it. Prints the median, least and most of all isolates, in milliseconds.
//
// Usage: node bench/first_request.mjs [isolates]; BUILD names another folder than build/. To compare two versions, run
// it in two checkouts in turn.

import { Harness } from "../tests/support/harness.mjs";
import { Installation } from "../tests/support/installation.mjs";

const count = Number(process.argv[2] ?? 20);
const names = Array.from({ length: count }, (_, number) => `fresh-${number}`);
const worker = new Harness({ build: process.env.BUILD ?? "build", isolates: ["main", ...names] });
await worker.start();
try {
  const installation = await Installation.found(worker);
  const { token } = await installation.issue();
  const taken = { first: [], second: [] };
  for (const name of names) {
    for (const which of ["first", "second"]) taken[which].push(await validate(worker.isolates[name].api.url, token));
  }
  for (const [which, times] of Object.entries(taken)) console.log(`${which} request: ${spread(times)} ms`);
} finally {
  await worker.stop();
}

async function validate(url, token) {
  const started = performance.now();
  const headers = { Authorization: `Bearer ${token}`, "CF-Connecting-IP": "203.0.113.9" };
  const answer = await fetch(new URL("/validate", url), { headers });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${answer.status}`);
  return performance.now() - started;
}

function spread(values) {
  const sorted = values.toSorted((one, other) => one - other);
  const shown = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)].map((value) => value.toFixed(1));
  return `${shown[0]} (${shown[1]} to ${shown[2]})`;
}
