// All chats of this browser. A chat: {id, title, created, updated, system, messages}; a message: {role, content} and,
// for answers, {reasoning, model, stats, finish, stopped, error}.
import { settings } from "./settings.js";
import { Store } from "./store.js";

const kTitleLength = 60;
const kWriteDelayMs = 800;
const kChannel = "samovar.chats"; // tells the other tabs: {put: [id, ...]}, {removed: id} or {cleared: true}

function title_of(text) {
  const line = text.trim().split("\n")[0].replace(/[#*`>]/g, "").trim();
  if (line.length <= kTitleLength) return line;
  const cut = line.slice(0, kTitleLength);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), kTitleLength / 2))}…`;
}

const is_written = (message) => message?.role !== "assistant" || message.finish || message.error || message.stopped;

// An answer that was being written when the page was left.
function mark_stopped(message) {
  if (!is_written(message)) message.stopped = true;
}

export class Chats {
  #chats = new Map();
  #store = new Store();
  #waiting = new Map(); // id -> timer of a write that comes
  #others = new BroadcastChannel(kChannel);
  #on_problem;

  // on_problem("storage_full" | "storage_none") is told once each; on_change() when another tab changed chats, those
  // aside that is_running(id) here.
  constructor({ on_problem, on_change, is_running }) {
    this.#others.addEventListener("message", ({ data }) => this.#follow(data, is_running).then(on_change));
    const told = new Set();
    this.#on_problem = (problem) => {
      if (!told.has(problem)) on_problem(problem);
      told.add(problem);
    };
  }

  async load() {
    try {
      for (const chat of await this.#store.load()) {
        mark_stopped(chat.messages.at(-1));
        this.#chats.set(chat.id, chat);
      }
    } catch {
      this.#on_problem("storage_none");
    }
  }

  // Newest first.
  list() {
    return [...this.#chats.values()].sort((a, b) => b.updated - a.updated);
  }

  get(id) {
    return this.#chats.get(id);
  }

  // Kept only once it has a message.
  make() {
    const now = Date.now();
    return { id: random_id(), title: "", created: now, updated: now, system: settings.system, messages: [] };
  }

  // Writes the chat now or, while an answer streams, a little later.
  save(chat, when = "now") {
    this.#chats.set(chat.id, chat);
    if (!chat.title && chat.messages.length > 0) chat.title = title_of(chat.messages[0].content);
    if (when === "later" && this.#waiting.has(chat.id)) return;
    clearTimeout(this.#waiting.get(chat.id));
    this.#waiting.delete(chat.id);
    if (when === "later") this.#waiting.set(chat.id, setTimeout(() => this.#write(chat), kWriteDelayMs));
    else this.#write(chat);
  }

  // Writes what waits: the page is being left.
  flush() {
    for (const id of [...this.#waiting.keys()]) this.save(this.#chats.get(id));
  }

  touch(chat) {
    chat.updated = Date.now();
    this.save(chat);
  }

  remove(chat) {
    clearTimeout(this.#waiting.get(chat.id));
    this.#waiting.delete(chat.id);
    this.#chats.delete(chat.id);
    this.#keep(this.#store.remove(chat.id), { removed: chat.id });
  }

  clear() {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#chats.clear();
    this.#keep(this.#store.clear(), { cleared: true });
  }

  // Not those that are here already and newer. RETURNS those added.
  add(chats) {
    const added = chats.filter((chat) => !(this.get(chat.id)?.updated >= chat.updated));
    for (const chat of added) this.#chats.set(chat.id, chat);
    this.#put(added);
    return added;
  }

  #write(chat) {
    this.#waiting.delete(chat.id);
    if (this.#chats.get(chat.id) === chat) this.#put([structuredClone(chat)]);
  }

  // Others hear of an answer when it is written.
  #put(chats) {
    const written = chats.filter(({ messages }) => is_written(messages.at(-1)));
    this.#keep(this.#store.put(chats), { put: written.map(({ id }) => id) });
  }

  async #keep(promise, change) {
    try {
      await promise;
      if (change.put?.length !== 0) this.#others.postMessage(change);
    } catch (error) {
      this.#on_problem(error?.name === "QuotaExceededError" ? "storage_full" : "storage_none");
    }
  }

  async #follow({ put = [], removed, cleared }, is_running) {
    const gone = cleared ? [...this.#chats.keys()] : [removed];
    for (const id of gone) if (!is_running(id)) this.#chats.delete(id);
    for (const id of put) {
      const chat = await this.#store.get(id).catch(() => null);
      if (chat && !is_running(id)) this.#chats.set(id, chat);
    }
  }
}

// Not crypto.randomUUID: it is there on https and localhost only, and a plain address in a home network is neither.
function random_id() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
