// One message: a bubble of the user's, or an answer with its thoughts, text, figures and buttons.
import { copy_button } from "./copy.js";
import { button, icon, icon_button, make } from "./dom.js";
import { make_error } from "./error_view.js";
import { number, t } from "./i18n.js";
import { MarkdownView } from "./markdown.js";
import { split_thoughts } from "./think.js";

function stats_title(stats) {
  if (!stats.n_prompt) return null;
  return t("stats_title", {
    prompt: number(stats.n_prompt),
    cached: number(stats.n_cached ?? 0),
    prompt_rate: number(stats.prompt_rate ?? 0, 1),
    answer: number(stats.n_answer ?? 0),
    seconds: number((stats.ms ?? 0) / 1000, 1),
  });
}

function figures(message) {
  const parts = [];
  if (message.stats?.rate) parts.push(t("speed", { rate: number(message.stats.rate, 1) }));
  if (message.stats?.n_answer) parts.push(t("tokens", { used: number(message.stats.n_answer) }));
  if (message.stopped) parts.push(t("stopped"));
  if (message.finish === "length") parts.push(t("cut"));
  return make("span", { class: "figures", title: message.stats && stats_title(message.stats) }, parts.join(" · "));
}

// actions: {edit(message, text)}
export class UserView {
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.element = make("article", { class: "message user", "aria-label": t("you") });
    this.#show();
  }

  update() {}

  edit() {
    const field = make("textarea", { dir: "auto", "aria-label": t("edit_message"), rows: "1" });
    field.value = this.message.content;
    const cancel = () => {
      this.#show();
      this.element.querySelector("button.edit").focus();
    };
    const accept = () => field.value.trim() && this.actions.edit(this.message, field.value.trim());
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        accept();
      } else if (event.key === "Escape") {
        event.stopPropagation();
        cancel();
      }
    });
    const buttons = make("div", { class: "buttons" }, make("span", { class: "note" }, t("edit_note")),
      button(t("cancel"), cancel), button(t("send"), accept, { class: "button filled" }));
    this.element.classList.add("editing");
    this.element.replaceChildren(field, buttons);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  #show() {
    this.element.classList.remove("editing");
    this.element.replaceChildren(
      make("div", { class: "bubble", dir: "auto" }, this.message.content),
      make("div", { class: "actions" }, icon_button("edit", t("edit"), () => this.edit(), { class: "icon-button small edit" }),
        copy_button(() => this.message.content)),
    );
  }
}

// actions: {retry(), regenerate(), continue_answer(), enter_key()}
export class AnswerView {
  #thoughts = null;
  #body = make("div", { class: "body" });
  #foot = make("div", { class: "foot-line" });
  #shown = ""; // how an ended answer was shown
  #markdown = new MarkdownView(make("div", { class: "markdown", dir: "auto" }));

  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.element = make("article", { class: "message assistant", "aria-label": t("assistant") }, this.#body, this.#foot);
    this.#body.append(this.#markdown.element);
  }

  // `running`: the answer is being written; `last`: it is the chat's last message.
  update({ running, last }) {
    const shown = running ? "" : `ended ${last}`;
    if (shown && shown === this.#shown) return;
    this.#shown = shown;
    const split = split_thoughts(this.message.content);
    const reasoning = `${this.message.reasoning ?? ""}${split.reasoning}`.trim();
    this.#show_thoughts(reasoning, running && split.answer === "");
    this.#markdown.set(split.answer);
    this.element.classList.toggle("running", running);
    this.element.setAttribute("aria-busy", String(running));
    this.#foot.replaceChildren(...(running ? this.#waiting(reasoning, split.answer) : this.#ended(split.answer, last)));
  }

  #show_thoughts(reasoning, thinking) {
    if (!reasoning) return;
    if (!this.#thoughts) {
      const text = make("div", { class: "thoughts-text", dir: "auto" });
      const label = make("span", {});
      const element = make("details", { class: "thoughts" }, make("summary", {}, icon("fold"), label), text);
      this.#thoughts = { element, label, text };
      this.#body.prepend(element);
    }
    this.#thoughts.label.textContent = t(thinking ? "thinking" : "thought");
    this.#thoughts.element.classList.toggle("open-thought", thinking);
    this.#thoughts.text.textContent = reasoning;
  }

  #waiting(reasoning, answer) {
    if (reasoning || answer) return [];
    return [make("span", { class: "waiting" }, make("span", { class: "dots" }, make("i"), make("i"), make("i")), t("reading_prompt"))];
  }

  #ended(answer, last) {
    const { message, actions } = this;
    const parts = [];
    if (!answer.trim() && !message.error && !message.stopped) parts.push(make("p", { class: "note" }, t("empty_answer")));
    if (message.error) parts.push(make_error(message.error, last ? actions : null));
    const unfinished = message.stopped || message.finish === "length" || message.error?.kind === "network";
    const buttons = make("div", { class: "actions" },
      answer ? copy_button(() => answer) : null,
      last && !message.error ? icon_button("again", t("regenerate"), actions.regenerate) : null,
      last && unfinished && answer ? button(t("continue"), actions.continue_answer, { class: "button slim" }) : null,
      figures(message));
    parts.push(buttons);
    return parts;
  }
}
