// What an operator does without a pointer.

import assert from "node:assert/strict";

const MOST_PRESSES = 120;

// How what has the focus is called.
export function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labelled = element?.labels?.[0]?.innerText ?? element?.getAttribute("aria-label") ?? element?.innerText ?? "";
    return labelled.trim().split("\n")[0];
  });
}

// Tab until what has the focus is called so.
export async function tabTo(page, name, { backwards = false } = {}) {
  const passed = [];
  for (let press = 0; press < MOST_PRESSES; press++) {
    await page.keyboard.press(backwards ? "Shift+Tab" : "Tab");
    const now = await focused(page);
    passed.push(now);
    if (typeof name === "string" ? now === name : name.test(now)) return;
  }
  assert.fail(`Tab never came to ${name}; it came to ${passed.join(" | ")}`);
}
