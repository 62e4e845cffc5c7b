// The conversation: message views, and a scroll position that follows the answer until the user scrolls up.
import { find, icon, make } from "./dom.js";
import { t } from "./i18n.js";
import { AnswerView, UserView } from "./message_view.js";

const kNear = 24; // pixels from the end that count as the end

export class Transcript {
  #scroller = find("scroller");
  #list = find("transcript");
  #to_end = find("to-end");
  #views = [];
  #follows = true;
  #last_top = 0;
  #drawn_at = 0;
  #cost_ms = 0;
  #timer = 0;

  // actions: those of the views, and use_example(text)
  constructor(actions) {
    this.actions = actions;
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#to_end.addEventListener("click", () => this.go_to_end());
    new ResizeObserver(() => this.#settle()).observe(this.#list);
    new ResizeObserver(() => this.#settle()).observe(this.#scroller);
  }

  // Shows a chat anew. `running`: its last answer is being written.
  show(chat, running, model) {
    this.chat = chat;
    this.#views = [];
    this.#list.replaceChildren();
    if (chat.messages.length === 0) this.#list.append(make_welcome(model, this.actions.use_example));
    else chat.messages.forEach((message) => this.#add(message));
    this.#update_all(running);
    this.go_to_end();
  }

  #add(message) {
    const view = message.role === "user" ? new UserView(message, this.actions) : new AnswerView(message, this.actions);
    this.#views.push(view);
    this.#list.append(view.element);
  }

  // The chat got messages, lost some at its end, or its answer ended.
  refresh(running) {
    const { messages } = this.chat;
    if (this.#views.length === 0) this.#list.replaceChildren();
    const n_same = this.#views.findIndex((view, i) => view.message !== messages[i]);
    const gone = n_same < 0 ? [] : this.#views.splice(n_same);
    gone.forEach((view) => view.element.remove());
    messages.slice(this.#views.length).forEach((message) => this.#add(message));
    this.#update_all(running);
    this.#settle();
  }

  #update_all(running) {
    this.#views.forEach((view, i) => {
      const last = i === this.#views.length - 1;
      view.update({ running: running && last, last });
    });
  }

  // The last answer grew. Draws it at most 25 times a second, and less often where drawing is slow.
  grow() {
    if (this.#timer) return;
    const wait = Math.max(40, 3 * this.#cost_ms) - (performance.now() - this.#drawn_at);
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#draw()), Math.max(0, wait));
  }

  #draw() {
    this.#timer = 0;
    const view = this.#views.at(-1);
    if (!view || !view.element.classList.contains("running")) return;
    const start = performance.now();
    view.update({ running: true, last: true });
    this.#settle();
    this.#drawn_at = performance.now();
    this.#cost_ms = this.#drawn_at - start;
  }

  edit_last() {
    this.#views.findLast((view) => view instanceof UserView)?.edit();
  }

  go_to_end() {
    this.#follows = true;
    this.#settle();
  }

  #distance() {
    return this.#scroller.scrollHeight - this.#scroller.clientHeight - this.#scroller.scrollTop;
  }

  #scrolled() {
    const top = this.#scroller.scrollTop;
    if (this.#distance() <= kNear) this.#follows = true;
    else if (top < this.#last_top) this.#follows = false;
    this.#last_top = top;
    this.#to_end.hidden = this.#follows || this.#distance() < 80;
  }

  #settle() {
    if (this.#follows) this.#scroller.scrollTop = this.#scroller.scrollHeight;
    this.#last_top = this.#scroller.scrollTop;
    this.#to_end.hidden = this.#follows || this.#distance() < 80;
  }
}

function make_welcome(model, use_example) {
  const examples = t("examples").map(([title, text]) =>
    make("button", { type: "button", class: "example", on_click: () => use_example(text) },
      make("strong", {}, title), make("span", {}, text), icon("more")));
  return make("div", { class: "welcome" },
    make("img", { src: "icon.svg", alt: "", width: "72", height: "72" }),
    make("h2", {}, t("welcome")),
    model ? make("p", { class: "note" }, t("welcome_model", { model })) : null,
    make("div", { class: "examples" }, ...examples));
}
