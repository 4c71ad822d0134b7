// Keys that do something wherever nobody is writing. A screen registers its own while it is shown.

import { untrack } from "svelte";

export interface Shortcut {
  readonly key: string;
  // What it does, for the list of keys.
  readonly label: string;
  readonly act: () => void;
}

let shortcuts = $state.raw<readonly Shortcut[]>([]);

export const keyboard = {
  get shortcuts(): readonly Shortcut[] {
    return shortcuts;
  },
};

// Registers keys for as long as the component that calls it is shown.
export function useShortcuts(own: () => readonly Shortcut[]): void {
  $effect(() => {
    const added = own();
    untrack(() => (shortcuts = [...shortcuts.filter(({ key }) => !added.some((shortcut) => shortcut.key === key)), ...added]));
    return () => {
      untrack(() => (shortcuts = shortcuts.filter((shortcut) => !added.includes(shortcut))));
    };
  });
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function isCovered(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]') !== null;
}

export function startKeyboard(): void {
  window.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
    if (isWriting(event.target) || isCovered()) return;
    const shortcut = shortcuts.find(({ key }) => key === event.key);
    if (shortcut === undefined) return;
    event.preventDefault();
    shortcut.act();
  });
}
