// Whether the server is there, and its models: asked for again and again while the page is seen.
import { list_models, server_state } from "./api.js";
import { find, make } from "./dom.js";
import { t } from "./i18n.js";
import { change_settings, settings } from "./settings.js";

// A model's name without its folder and its ending.
export const short_name = (id) => id.split("/").at(-1).replace(/\.gguf$/i, "");

const kCalmMs = 15_000;
const kWaitingMs = 2_000;

export class ServerState {
  models = [];
  state = "";
  #select = find("model");
  #options_of = ""; // what its options were made of
  #timer = 0;
  #on_change;

  // on_change() when models or state are new.
  constructor(on_change) {
    this.#on_change = on_change;
    this.#select.addEventListener("change", () => {
      change_settings({ model: this.#select.value });
      on_change();
    });
    document.addEventListener("visibilitychange", () => document.hidden || this.check());
    this.show();
  }

  // The model that is asked: the chosen one while it is there, else the first.
  get model() {
    return this.models.find((model) => model.id === settings.model) ?? this.models[0];
  }

  async check() {
    clearTimeout(this.#timer);
    const before = this.#facts();
    let state = await server_state();
    if (state === "ready" || state === "busy") state = await this.#list(state);
    const changed = state !== this.state || before !== this.#facts();
    this.state = state;
    this.show();
    if (changed) this.#on_change();
    const wait = state === "ready" || state === "busy" || state === "locked" ? kCalmMs : kWaitingMs;
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.check(), wait);
  }

  // What the page shows of the model that is asked.
  #facts() {
    return `${this.model?.id} ${this.model?.meta?.n_ctx}`;
  }

  // Models come and go, and another server may answer at this address.
  async #list(state) {
    try {
      this.models = await list_models();
      return state;
    } catch (error) {
      return error.facts?.status === 401 ? "locked" : "offline";
    }
  }

  show() {
    const known = this.state || "loading";
    const light = find("state");
    light.className = `state ${this.state}`;
    light.setAttribute("aria-label", t(`state_${known}`));
    light.title = t(`state_${known}`);
    this.#show_options();
    this.#select.disabled = this.models.length < 2;
    if (this.model) this.#select.value = this.model.id;
    this.#select.title = this.model?.id ?? "";
  }

  // An open list must not change for nothing.
  #show_options() {
    const options_of = JSON.stringify([t("no_model"), this.models.map(({ id, meta }) => [id, Boolean(meta)])]);
    if (options_of === this.#options_of) return;
    this.#options_of = options_of;
    this.#select.replaceChildren(...this.#options());
  }

  // Where only some are in memory, those stand first, under a heading.
  #options() {
    const option = ({ id }) => make("option", { value: id, title: id }, short_name(id));
    const group = (label, models) => make("optgroup", { label }, ...models.map(option));
    const there = this.models.filter((model) => model.meta);
    if (there.length > 0 && there.length < this.models.length) {
      return [group(t("models_in_memory"), there), group(t("models_on_disk"), this.models.filter((model) => !model.meta))];
    }
    return this.models.length > 0 ? this.models.map(option) : [make("option", {}, t("no_model"))];
  }
}
