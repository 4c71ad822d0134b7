// The time, for what is shown relative to it. One clock for the page, which runs while somebody looks.

import { createSubscriber } from "svelte/reactivity";

function clock(every: number): () => number {
  const subscribe = createSubscriber((update) => {
    const timer = setInterval(update, every);
    return () => clearInterval(timer);
  });
  return () => {
    subscribe();
    return Date.now();
  };
}

export const secondsNow = clock(1_000);
export const minutesNow = clock(15_000);
