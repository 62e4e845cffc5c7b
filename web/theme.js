// Light, dark, or as the system: early.js sets it at the start, this changes it.
import { change_settings, settings } from "./settings.js";

const kSystem = matchMedia("(prefers-color-scheme: dark)");

export const is_dark = () => (settings.theme === "" ? kSystem.matches : settings.theme === "dark");

// `theme`: "light", "dark" or "" for the system's.
export function set_theme(theme) {
  change_settings({ theme });
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

export function switch_theme() {
  const next = is_dark() ? "light" : "dark";
  set_theme((next === "dark") === kSystem.matches ? "" : next);
}
