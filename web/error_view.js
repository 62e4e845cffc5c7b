// What went wrong with an answer, in words, and the button that helps.
import { button, icon, make } from "./dom.js";
import { number, t } from "./i18n.js";

function text_of(error) {
  const { kind, status, code, message = "" } = error;
  if (kind === "network") return [t("error_network"), t("error_network_hint")];
  if (kind === "broken") return [t("error_broken"), message];
  if (status === 401) return [t(error.had_key ? "error_key_wrong" : "error_key"), ""];
  if (status === 429) return [t("error_limit"), message];
  if (code === "context_length_exceeded") {
    const values = { prompt: number(error.n_prompt ?? 0), context: number(error.n_ctx ?? 0) };
    return [t("error_context", values), t("error_context_hint")];
  }
  if (status === 503 && /loading/i.test(message)) return [t("error_loading"), ""];
  if (status === 503 && /shutting/i.test(message)) return [t("error_draining"), ""];
  if (status === 503) return [t("error_busy"), message];
  return [t("error_http", { status: status ?? "" }), message];
}

// Counts down to the moment the server named; the button works before it too.
function count_down(retry, until_ms) {
  const tick = () => {
    const seconds = Math.ceil((until_ms - Date.now()) / 1000);
    retry.textContent = seconds > 0 ? t("retry_after", { seconds }) : t("retry");
    if (seconds <= 0 || !retry.isConnected) clearInterval(timer);
  };
  const timer = setInterval(tick, 1000);
  retry.textContent = t("retry_after", { seconds: Math.ceil((until_ms - Date.now()) / 1000) });
}

function make_buttons(error, actions) {
  const retry = button(t("retry"), actions.retry);
  error.until_ms ??= Date.now() + (error.retry_after_s ?? 0) * 1000;
  if (error.until_ms > Date.now()) count_down(retry, error.until_ms);
  const key = error.status === 401 ? button(t("enter_key"), actions.enter_key, { class: "button filled" }) : null;
  return make("div", { class: "buttons" }, key, retry);
}

// actions: {retry, enter_key}, or null for an error that is past: nothing is read out or offered.
export function make_error(error, actions) {
  const [headline, detail] = text_of(error);
  return make("div", { class: "error", role: actions && "alert" }, icon("alert"),
    make("div", { class: "error-text" }, make("strong", {}, headline), detail ? make("p", { dir: "auto" }, detail) : null),
    actions && make_buttons(error, actions));
}
