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
    let state = await server_state();
    if (state === "ready" || state === "busy") state = await this.#list(state);
    const changed = state !== this.state;
    this.state = state;
    this.show();
    if (changed) this.#on_change();
    const wait = state === "ready" || state === "busy" || state === "locked" ? kCalmMs : kWaitingMs;
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.check(), wait);
  }

  async #list(state) {
    if (this.models.length > 0 && (this.state === "ready" || this.state === "busy")) return state;
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
    const options = this.models.map(({ id }) => make("option", { value: id, title: id }, short_name(id)));
    this.#select.replaceChildren(...(options.length > 0 ? options : [make("option", {}, t("no_model"))]));
    this.#select.disabled = this.models.length < 2;
    if (this.model) this.#select.value = this.model.id;
    this.#select.title = this.model?.id ?? "";
  }
}
