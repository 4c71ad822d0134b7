// Light or dark: as the system says, unless somebody has chosen. The choice is all that the console keeps in a browser,
// beside how many rows a page has.

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT_AS = "console.theme";

function kept(): Theme {
  const name = localStorage.getItem(KEPT_AS);
  return THEMES.find((theme) => theme === name) ?? "system";
}

let chosen = $state<Theme>(kept());

export const theme = {
  get chosen(): Theme {
    return chosen;
  },
  choose(next: Theme): void {
    chosen = next;
    localStorage.setItem(KEPT_AS, next);
    applyTheme();
  },
};

export function applyTheme(): void {
  const root = document.documentElement;
  if (chosen === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = chosen;
}
