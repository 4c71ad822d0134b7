// One thing that is sent and answered: whether it is under way, and what was wrong with it.

import { type Answer, type Operation, describe, newIdempotencyKey, send } from "$lib/api/client";
import { curl, written } from "$lib/api/curl";
import type { Failure } from "$lib/api/failure";

export class Submission {
  busy = $state(false);
  // Somebody has tried to send it: from now on whatever is missing is said.
  tried = $state(false);
  failure = $state.raw<Failure | undefined>(undefined);

  #key = newIdempotencyKey();
  #sent = "";

  // Undefined when it was refused, or there was no answer; `failure` then says why.
  async send<Data>(operation: Operation<Data>, options: { ifMatch?: string | undefined } = {}): Promise<Answer<Data> | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.failure = undefined;
    const outcome = await send(operation, { ...options, idempotencyKey: await this.#keyFor(operation) });
    this.busy = false;
    if (outcome.ok) {
      this.#key = newIdempotencyKey();
      return outcome;
    }
    this.failure = outcome.failure;
    return undefined;
  }

  // What the API says of a field, and of what is inside it.
  fault(field: string): string | undefined {
    const fields = Object.entries(this.failure?.fields ?? {});
    return fields.find(([path]) => path === field || path.startsWith(`${field}.`))?.[1];
  }

  reset(): void {
    this.busy = false;
    this.tried = false;
    this.failure = undefined;
  }

  // The same request again, after an answer was lost, has the same key; another request another one.
  async #keyFor<Data>(operation: Operation<Data>): Promise<string> {
    const request = JSON.stringify(await written(await describe(operation)));
    if (request !== this.#sent) this.#key = newIdempotencyKey();
    this.#sent = request;
    return this.#key;
  }
}

// What `operation` would send, as a line for a terminal.
export async function asCurl<Data>(operation: Operation<Data>): Promise<string> {
  return curl(await written(await describe(operation)));
}
