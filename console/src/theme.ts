import { applyTheme } from "$lib/state/theme.svelte";

// A module of its own, so that the page is never painted in the wrong colours first.
applyTheme();
