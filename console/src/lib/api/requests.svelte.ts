// The requests the console has sent, so that whatever was done on a screen can be done again from a terminal. Only the
// requests: answers hold secrets. They are gone with the page.

import { type Written, written } from "./curl";

export interface Sent extends Written {
  readonly id: number;
  readonly at: number;
  readonly status: number | undefined;
}

const REMEMBERED = 50;

let sent = $state.raw<readonly Sent[]>([]);
let last = 0;

export const requests = {
  get sent(): readonly Sent[] {
    return sent;
  },
};

export async function remember(request: Request): Promise<(status: number) => void> {
  const id = ++last;
  const entry: Sent = { ...(await written(request)), id, at: Date.now(), status: undefined };
  sent = [entry, ...sent.slice(0, REMEMBERED - 1)];
  return (status) => {
    sent = sent.map((known) => (known.id === id ? { ...known, status } : known));
  };
}
