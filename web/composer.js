// The message field: grows with its text; Enter sends; a draft is kept for each chat while the page is open.
import { find } from "./dom.js";

export class Composer {
  #form = find("composer");
  #field = find("text");
  #send = find("send");
  #stop = find("stop");
  #drafts = new Map();
  #chat_id = "";
  #running = false;

  // actions: {send(text), stop(), edit_last()}
  constructor(actions) {
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#field.value.trim();
      if (!text || this.#running) return;
      this.set_text("");
      actions.send(text);
    });
    this.#stop.addEventListener("click", actions.stop);
    this.#field.addEventListener("input", () => this.#changed());
    this.#field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.#form.requestSubmit();
      } else if (event.key === "ArrowUp" && this.#field.value === "" && !this.#running) {
        event.preventDefault();
        actions.edit_last();
      }
    });
    this.#form.addEventListener("click", (event) => event.target === this.#form && this.focus());
  }

  focus() {
    this.#field.focus();
  }

  set_text(text) {
    this.#field.value = text;
    this.#changed();
  }

  show(chat_id, running) {
    if (chat_id !== this.#chat_id) {
      this.#drafts.set(this.#chat_id, this.#field.value);
      this.#chat_id = chat_id;
      this.#field.value = this.#drafts.get(chat_id) ?? "";
    }
    const had_focus = document.activeElement === this.#stop || document.activeElement === this.#send;
    this.#running = running;
    this.#send.hidden = running;
    this.#stop.hidden = !running;
    if (had_focus) this.focus();
    this.#changed();
  }

  #changed() {
    this.#send.disabled = this.#running || this.#field.value.trim() === "";
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}
