// Copies text to the clipboard.
import { icon, icon_button, make } from "./dom.js";
import { t } from "./i18n.js";
import { toast } from "./toast.js";

const kShownMs = 1500;

export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http from another machine has no clipboard: the old way, through a selection.
  const field = make("textarea", { class: "hidden" }, text);
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("not allowed");
}

// A button that copies text() and says so for a moment.
export function copy_button(text) {
  const made = icon_button("copy", t("copy"), async () => {
    try {
      await copy(text());
      made.replaceChildren(icon("check"));
      made.setAttribute("aria-label", t("copied"));
      setTimeout(() => {
        made.replaceChildren(icon("copy"));
        made.setAttribute("aria-label", t("copy"));
      }, kShownMs);
    } catch {
      toast(t("copy_failed"));
    }
  });
  return made;
}
