// Runs before the first paint, so that a chosen theme does not flash. The rest of the page is modules.
"use strict";
try {
  const settings = JSON.parse(localStorage.getItem("samovar.settings") ?? "{}");
  if (settings.theme === "light" || settings.theme === "dark") document.documentElement.dataset.theme = settings.theme;
} catch {
  // no storage, or not ours: the system's theme it is
}
