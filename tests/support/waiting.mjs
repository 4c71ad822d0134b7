// Waiting for what happens in the background: until it is seen, never for a guessed time.

import { setTimeout as sleep } from "node:timers/promises";

// Asks until `look` returns something truthy, and returns that.
export async function eventually(what, look, { within = 30_000, every = 50 } = {}) {
  const deadline = performance.now() + within;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadline) throw new Error(`not seen within ${within} ms: ${what}`);
    await sleep(every);
  }
}

// Waits until the clock shows `time`, in milliseconds since the epoch.
export async function until(time) {
  while (Date.now() < time) await sleep(Math.max(1, time - Date.now()));
}
