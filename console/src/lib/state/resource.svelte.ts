// What a screen reads from the API. While it is read again the former answer stays, so that nothing jumps.

import { untrack } from "svelte";
import { type Answer, type Operation, send } from "$lib/api/client";
import type { Failure } from "$lib/api/failure";

export class Resource<Data> {
  data = $state.raw<Data | undefined>(undefined);
  etag = $state.raw<string | undefined>(undefined);
  failure = $state.raw<Failure | undefined>(undefined);
  loading = $state(true);

  #operation: () => Operation<Data> | undefined;
  #asking: AbortController | undefined;

  // `operation` may read runes: when they change, it is asked again. Undefined: there is nothing to ask.
  constructor(operation: () => Operation<Data> | undefined) {
    this.#operation = operation;
    $effect(() => {
      const wanted = operation();
      if (wanted !== undefined) untrack(() => void this.#ask(wanted));
      return () => this.#asking?.abort();
    });
  }

  async reload(): Promise<void> {
    const wanted = this.#operation();
    if (wanted !== undefined) await this.#ask(wanted);
  }

  // Takes over what a command has answered, without asking again.
  set(answer: Answer<Data>): void {
    this.data = answer.data;
    this.etag = answer.etag;
  }

  async #ask(operation: Operation<Data>): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    this.loading = true;
    const answer = await send(operation, { signal: asking.signal });
    if (asking.signal.aborted) return;
    this.loading = false;
    if (answer.ok) {
      this.set(answer);
      this.failure = undefined;
    } else {
      this.failure = answer.failure;
    }
  }
}

export function resource<Data>(operation: () => Operation<Data> | undefined): Resource<Data> {
  return new Resource(operation);
}
