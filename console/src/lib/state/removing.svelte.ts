// Something that is about to be removed. Nobody removes what they have not seen: the request says what it was when they
// looked, and whatever somebody else has made of it meanwhile is shown first.

import { type Answer, type Operation, send } from "$lib/api/client";
import type { Difference } from "$lib/components/Conflict.svelte";
import { Submission } from "./submission.svelte";

// What is said of a thing, by what each field is called.
export type Facts = Readonly<Record<string, string>>;

const FORBIDDEN = 403;

interface Seen<Thing> {
  readonly thing: Thing;
  // Undefined where it was seen in a list, which has none: then it is read first.
  readonly etag?: string | undefined;
}

export class Removing<Thing> {
  readonly submission = new Submission();
  // What is no longer as it was seen.
  changes = $state.raw<readonly Difference[]>([]);

  #seen: Facts;
  #etag: string | undefined;
  #again: () => Operation<Thing>;
  #facts: (thing: Thing) => Facts;
  #reading: Promise<void>;
  // Who may not read it may be allowed to remove it all the same, and then has nothing to compare.
  #isHidden = false;

  // `again` reads it once more; `facts` says it in words.
  constructor(seen: Seen<Thing>, again: () => Operation<Thing>, facts: (thing: Thing) => Facts) {
    this.#seen = facts(seen.thing);
    this.#etag = seen.etag;
    this.#again = again;
    this.#facts = facts;
    this.#reading = seen.etag === undefined ? this.#read() : Promise.resolve();
  }

  // Undefined when it was refused, or has changed: then that is shown, and whoever wants it gone all the same says so again.
  async send<Data>(operation: Operation<Data>): Promise<Answer<Data> | undefined> {
    const known = this.changes.length;
    await this.#reading;
    if (this.#etag === undefined && !this.#isHidden) {
      // It could not be read.
      this.submission.reset();
      this.#reading = this.#read();
      await this.#reading;
      if (this.submission.failure !== undefined) return undefined;
    }
    if (this.changes.length !== known) return undefined;
    const answer = await this.submission.send(operation, { ifMatch: this.#etag });
    if (answer === undefined && this.submission.failure?.status === 412) {
      const refused = this.submission.failure;
      this.submission.reset();
      await this.#read();
      // Changed in something that is not shown: then at least that it was.
      if (this.changes.length === 0) this.submission.failure ??= refused;
    }
    return answer;
  }

  async #read(): Promise<void> {
    const now = await send(this.#again());
    if (!now.ok) {
      this.#isHidden = now.failure.status === FORBIDDEN;
      if (!this.#isHidden) this.submission.failure = now.failure;
      return;
    }
    this.#etag = now.etag;
    const facts = this.#facts(now.data);
    const fields = [...new Set([...Object.keys(this.#seen), ...Object.keys(facts)])];
    this.changes = fields
      .map((field) => ({ field, was: this.#seen[field] ?? "", now: facts[field] ?? "" }))
      .filter(({ was, now: is }) => was !== is);
  }
}
