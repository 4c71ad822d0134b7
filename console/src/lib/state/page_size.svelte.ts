export const PAGE_SIZES = [20, 50, 100] as const;

const KEPT_AS = "console.page-size";

// How many rows a page has where the address does not say it: what was last chosen.
export function keptPageSize(): number {
  const size = Number(localStorage.getItem(KEPT_AS));
  return PAGE_SIZES.find((known) => known === size) ?? PAGE_SIZES[0];
}

export function keepPageSize(size: number): void {
  localStorage.setItem(KEPT_AS, String(size));
}
