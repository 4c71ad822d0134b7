// Short messages about what has just happened: shown at the edge of the page, and read out by screen readers.

export interface Message {
  readonly id: number;
  readonly kind: "done" | "failed";
  readonly text: string;
  readonly undo?: (() => void) | undefined;
}

const SHOWN_FOR = 6_000;

let shown = $state.raw<readonly Message[]>([]);
let last = 0;

function show(message: Omit<Message, "id">): void {
  const id = ++last;
  shown = [...shown.slice(-2), { ...message, id }];
  // What can be undone, or has failed, stays longer.
  setTimeout(() => messages.hide(id), message.undo === undefined && message.kind === "done" ? SHOWN_FOR : 2 * SHOWN_FOR);
}

export const messages = {
  get shown(): readonly Message[] {
    return shown;
  },
  done(text: string, undo?: () => void): void {
    show({ kind: "done", text, undo });
  },
  failed(text: string): void {
    show({ kind: "failed", text });
  },
  hide(id: number): void {
    shown = shown.filter((message) => message.id !== id);
  },
};
