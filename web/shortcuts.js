// Keys of the whole page, and the dialog that lists them. Letters are told by their place on the keyboard, so they
// work in any layout.
import { open_dialog } from "./ask.js";
import { icon_button, make } from "./dom.js";
import { t } from "./i18n.js";

const kList = [
  ["key_enter", ["Enter"]],
  ["key_line", ["Shift", "Enter"]],
  ["key_up", ["↑"]],
  ["key_escape", ["Esc"]],
  ["key_focus", ["/"]],
  ["key_new", ["Alt", "N"]],
  ["key_regenerate", ["Alt", "R"]],
  ["key_copy", ["Alt", "C"]],
  ["key_previous", ["Alt", "↑ ↓"]],
  ["key_sidebar", ["Alt", "B"]],
  ["key_settings", ["Alt", "S"]],
  ["key_help", ["?"]],
];
const kAlt = {
  KeyN: "new_chat", KeyR: "regenerate", KeyC: "copy_last", KeyB: "toggle_sidebar", KeyS: "settings",
  ArrowUp: "previous_chat", ArrowDown: "next_chat",
};

export function open_shortcuts() {
  const rows = kList.map(([key, keys]) =>
    make("div", {}, make("dt", {}, ...keys.map((name) => make("kbd", {}, name))), make("dd", {}, t(key))));
  const dialog = open_dialog(t("shortcuts"), { class: "shortcuts", id: "shortcuts" },
    icon_button("close", t("close"), () => dialog.close(), { class: "icon-button close" }),
    make("dl", {}, ...rows));
}

function action_of(event) {
  if (event.altKey && !event.ctrlKey && !event.metaKey) return kAlt[event.code];
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
  if (event.key === "Escape") return "stop";
  if (event.target.closest("input, textarea, select")) return undefined;
  return { "/": "focus_message", "?": "help" }[event.key];
}

// actions: {new_chat, regenerate, ..., help}
export function listen_for_shortcuts(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const action = action_of(event);
    if (!action) return;
    if (action !== "stop") event.preventDefault();
    actions[action]();
  });
}
