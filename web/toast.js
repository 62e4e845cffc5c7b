// Short notices at the bottom, read out by screen readers; one may carry a button.
import { button, find, icon_button, make } from "./dom.js";
import { t } from "./i18n.js";

const kShownMs = 7000;

// `action`: {label, run}
export function toast(text, action = null) {
  const close = () => element.remove();
  const run = () => {
    close();
    action.run();
  };
  const element = make("div", { class: "toast" }, make("span", {}, text),
    action && button(action.label, run), icon_button("close", t("close"), close));
  find("toasts").append(element);
  setTimeout(close, kShownMs);
}
