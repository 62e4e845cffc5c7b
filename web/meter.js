// Below the message field: speed of the answer, and how much of the context the chat fills.
import { find, make } from "./dom.js";
import { number, t } from "./i18n.js";

const kNearlyFull = 0.85;

// `used`: tokens, or 0 when not known; `context`: tokens of the model, or 0; `rate`: tokens a second, or 0.
export function show_meter({ used, context, rate }) {
  const texts = [];
  if (rate > 0) texts.push(t("speed", { rate: number(rate, 1) }));
  if (used > 0 && context > 0) texts.push(t("tokens_of", { used: number(used), context: number(context) }));
  else if (used > 0) texts.push(t("tokens", { used: number(used) }));
  const parts = [make("span", {}, texts.join(" · "))];
  if (used > 0 && context > 0) {
    const share = Math.min(1, used / context);
    const bar = make("meter", { min: "0", max: String(context), value: String(used), "aria-label": t("context_used") });
    bar.classList.toggle("full", share > kNearlyFull);
    parts.unshift(bar);
  }
  find("meter").replaceChildren(...parts);
}

// The last figures of a chat's answers.
export function used_tokens(chat) {
  return chat.messages.findLast((message) => message.stats?.n_used)?.stats.n_used ?? 0;
}
