// Small dialogs that ask one thing. The browser keeps the focus inside and gives it back at the end.
import { button, make } from "./dom.js";
import { t } from "./i18n.js";

let n_dialogs = 0;

function is_beside(dialog, { clientX: x, clientY: y }) {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

// A press and its release beside the dialog close it; not a selection that is dragged out of a field.
function close_from_beside(dialog) {
  let pressed = false;
  dialog.addEventListener("pointerdown", (event) => (pressed = is_beside(dialog, event)));
  dialog.addEventListener("click", (event) => pressed && event.target === dialog && is_beside(dialog, event) && dialog.close());
}

// RETURNS a shown dialog with a heading; it leaves the page when it closes.
export function open_dialog(title, attributes, ...children) {
  const id = `dialog-${++n_dialogs}`;
  const dialog = make("dialog", { "aria-labelledby": id, ...attributes }, make("h2", { id }, title), ...children);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  close_from_beside(dialog);
  dialog.showModal();
  return dialog;
}

function ask(title, children, { label, danger }, value) {
  return new Promise((resolve) => {
    let answer = null;
    const accept = (event) => {
      event.preventDefault();
      answer = value();
      dialog.close();
    };
    const buttons = make("div", { class: "buttons" }, button(t("cancel"), () => dialog.close()),
      make("button", { type: "submit", class: `button ${danger ? "danger" : "filled"}` }, label));
    const dialog = open_dialog(title, { class: "small" }, make("form", { on_submit: accept }, ...children, buttons));
    dialog.addEventListener("close", () => resolve(answer));
  });
}

// The text, or null when it was cancelled.
export function ask_text(title, { value = "", note = "", type = "text" } = {}) {
  const field = make("input", { type, value, "aria-label": title, autocomplete: "off", maxlength: "4096", autofocus: true });
  const shown = ask(title, [field, note && make("p", { class: "note" }, note)].filter(Boolean), { label: t("save") }, () => field.value.trim());
  field.select();
  return shown;
}

export async function ask_whether(title, question, label) {
  return (await ask(title, [make("p", {}, question)], { label, danger: true }, () => true)) === true;
}
