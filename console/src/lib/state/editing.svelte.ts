// Something that exists and is being changed: what the form began with, and what somebody else has made of it meanwhile.

import type { Answer, Operation } from "$lib/api/client";
import { send } from "$lib/api/client";
import { Submission } from "./submission.svelte";

interface Version<Thing> {
  readonly thing: Thing;
  readonly etag: string | undefined;
}

export class Editing<Thing, Form extends object> {
  readonly submission = new Submission();
  // What the form began with stays what it was, whatever the page reads again meanwhile.
  began: Version<Thing>;
  form: Form;
  theirs: Version<Thing> | undefined;

  #formOf: (thing: Thing) => Form;
  #again: () => Operation<Thing>;

  // `again` reads it once more, to show what somebody else has made of it.
  constructor(began: Version<Thing>, formOf: (thing: Thing) => Form, again: () => Operation<Thing>) {
    this.#formOf = formOf;
    this.#again = again;
    this.began = $state.raw(began);
    this.form = $state(formOf(began.thing));
    this.theirs = $state.raw(undefined);
  }

  // The form as it was at the beginning.
  get before(): Form {
    return this.#formOf(this.began.thing);
  }

  formOf(thing: Thing): Form {
    return this.#formOf(thing);
  }

  async send<Data>(operation: Operation<Data>): Promise<Answer<Data> | undefined> {
    const answer = await this.submission.send(operation, { ifMatch: this.began.etag });
    if (answer === undefined && this.submission.failure?.status === 412) {
      const now = await send(this.#again());
      if (now.ok) {
        this.form = rebased(this.form, this.before, this.#formOf(now.data));
        this.theirs = { thing: now.data, etag: now.etag };
      }
    }
    return answer;
  }

  // Of what was seen in a list, which says nothing of versions: reads it, and has what is no longer as it was.
  async look(): Promise<void> {
    const now = await send(this.#again());
    if (!now.ok) {
      this.submission.failure = now.failure;
      return;
    }
    const version = { thing: now.data, etag: now.etag };
    if (JSON.stringify(this.#formOf(now.data)) === JSON.stringify(this.before)) this.began = version;
    else this.theirs = version;
  }

  // After "somebody changed this": goes on from theirs, with what stands in the form or without it.
  take(mine: boolean): void {
    if (this.theirs === undefined) return;
    this.began = this.theirs;
    if (!mine) this.form = this.#formOf(this.theirs.thing);
    this.theirs = undefined;
    this.submission.reset();
  }
}

// What somebody has not changed is as somebody else has made it; a list is one thing.
function rebased<Form extends object>(mine: Form, before: Form, theirs: Form): Form {
  return Array.isArray(mine) ? mine : { ...theirs, ...changed(mine, before) };
}

// The fields of `form` that are no longer what they were.
export function changed<Form extends object>(form: Form, before: Form): Partial<Form> {
  const pairs = Object.entries(form) as [keyof Form, Form[keyof Form]][];
  return Object.fromEntries(pairs.filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field]))) as Partial<Form>;
}

// The same operation, of whose answer only one part is wanted.
export function part<Data, Part>(operation: Operation<Data>, take: (data: Data) => Part): Operation<Part> {
  return async (client) => {
    const { data, ...rest } = await operation(client);
    return data === undefined ? rest : { ...rest, data: take(data) };
  };
}
