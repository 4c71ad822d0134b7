// Where the console is: a path below /console and a query. What a list shows is in the query, so that an address can be
// kept and sent.

import { tick } from "svelte";

const BASE = "/console";

function here(): { path: string; query: URLSearchParams } {
  const { pathname, search } = window.location;
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : pathname;
  return { path: path === "" ? "/" : path, query: new URLSearchParams(search) };
}

let current = $state.raw(here());
// Screens that hold something that would be lost ask before they are left. With another query they stay where they are.
const guards = new Set<() => boolean>();

function mayLeave(): boolean {
  return [...guards].every((guard) => guard());
}

function pathOf(address: string): string {
  return address.split(/[?#]/, 1)[0] ?? "";
}

function addressOf({ path, query }: { path: string; query: URLSearchParams }): string {
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

function to(address: string): string {
  return `${BASE}${address}`;
}

export const router = {
  get path(): string {
    return current.path;
  },
  get query(): URLSearchParams {
    return current.query;
  },
  href: to,
  go(address: string, options: { replace?: boolean } = {}): void {
    if (pathOf(address) !== current.path && !mayLeave()) return;
    if (options.replace === true) window.history.replaceState(null, "", to(address));
    else window.history.pushState(null, "", to(address));
    current = here();
  },
  // Changes parameters of the query; one that is undefined or empty goes.
  setQuery(changes: Record<string, string | number | undefined>, options: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(current.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined || value === "") query.delete(name);
      else query.set(name, String(value));
    }
    router.go(addressOf({ path: current.path, query }), options);
  },
  // `guard` answers whether the screen may be left. The answer of this function takes the guard away.
  guard(guard: () => boolean): () => void {
    guards.add(guard);
    return () => guards.delete(guard);
  },
};

// Links are plain links: what is opened in a new tab, or copied, is the address itself.
function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.("a");
  if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return;
  const url = new URL(link.href);
  if (url.origin !== window.location.origin || !url.pathname.startsWith(`${BASE}/`)) return;
  event.preventDefault();
  router.go(url.pathname.slice(BASE.length) + url.search);
}

export function startRouter(): void {
  window.addEventListener("popstate", () => {
    const stay = here().path !== current.path && !mayLeave();
    // The browser has gone back already: it is led to where it was.
    if (stay) window.history.pushState(null, "", to(addressOf(current)));
    else current = here();
  });
  document.addEventListener("click", followLink);
}

// After a change of screen the reader of a screen reader, and the next Tab, begin at the new screen's heading.
export async function focusHeading(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

export type Parameters = Record<string, string>;

// `/identities/:identityId` against `/identities/42`: the parameters, or undefined.
export function match(pattern: string, path: string): Parameters | undefined {
  const wanted = pattern.split("/");
  const given = path.replace(/\/$/, "").split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Parameters = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? "";
    if (part.startsWith(":")) parameters[part.slice(1)] = decodeURIComponent(value);
    else if (part !== value) return undefined;
  }
  return parameters;
}
