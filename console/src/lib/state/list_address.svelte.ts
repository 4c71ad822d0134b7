// What a list shows, as the address says it.

import { keepPageSize, keptPageSize, PAGE_SIZES } from "./page_size.svelte";
import { router } from "./router.svelte";

export const listAddress = {
  get search(): string {
    return router.query.get("search") ?? "";
  },
  get size(): number {
    return PAGE_SIZES.find((known) => String(known) === router.query.get("size")) ?? keptPageSize();
  },
  get offset(): number {
    return Math.max(0, Math.trunc(Number(router.query.get("offset") ?? 0)) || 0);
  },
  searchFor(text: string): void {
    router.setQuery({ search: text, offset: undefined }, { replace: true });
  },
  moveTo(offset: number): void {
    router.setQuery({ offset: offset === 0 ? undefined : offset });
  },
  resize(size: number): void {
    keepPageSize(size);
    router.setQuery({ size, offset: undefined });
  },
};
