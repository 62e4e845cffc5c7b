// The list of chats by age; a column on wide screens, a drawer over the page on narrow ones.
import { find, icon_button, make } from "./dom.js";
import { t } from "./i18n.js";
import { change_settings, settings } from "./settings.js";

const kDayMs = 86_400_000;
const kNarrow = matchMedia("(max-width: 52rem)");

function age_of(time) {
  const midnight = new Date().setHours(0, 0, 0, 0);
  if (time >= midnight) return "today";
  if (time >= midnight - kDayMs) return "yesterday";
  return time >= midnight - 7 * kDayMs ? "week" : "older";
}

export class Sidebar {
  #list = find("chats");
  #drawer_open = false;

  // actions: {open(chat), rename(chat), remove(chat), new_chat()}
  constructor(actions) {
    this.actions = actions;
    find("new-chat").addEventListener("click", () => this.#leave(actions.new_chat));
    find("header-new").addEventListener("click", actions.new_chat);
    find("open-sidebar").addEventListener("click", () => this.toggle());
    find("close-sidebar").addEventListener("click", () => this.toggle());
    find("backdrop").addEventListener("click", () => this.#set(false));
    kNarrow.addEventListener("change", () => this.#show());
    this.#show();
  }

  toggle() {
    this.#set(!this.#is_open());
    find(this.#is_open() ? "close-sidebar" : "open-sidebar").focus();
  }

  // RETURNS whether there was an open drawer.
  close_drawer() {
    if (!kNarrow.matches || !this.#drawer_open) return false;
    this.toggle();
    return true;
  }

  #is_open() {
    return kNarrow.matches ? this.#drawer_open : settings.sidebar;
  }

  #set(open) {
    if (kNarrow.matches) this.#drawer_open = open;
    else change_settings({ sidebar: open });
    this.#show();
  }

  #show() {
    const open = this.#is_open();
    document.body.classList.toggle("with-sidebar", open);
    find("sidebar").inert = !open;
    find("page").inert = open && kNarrow.matches;
    find("backdrop").hidden = !(open && kNarrow.matches);
    find("open-sidebar").setAttribute("aria-expanded", String(open));
  }

  // Does what was chosen; the drawer of a narrow screen closes.
  #leave(action) {
    if (kNarrow.matches) this.#set(false);
    action();
  }

  // The keyboard's focus stays with its chat, or the one that took its place.
  render(chats, current, is_running) {
    const rows = () => [...this.#list.querySelectorAll(".chat-row")];
    const row = document.activeElement.closest(".chat-row");
    const place = row && { at: rows().indexOf(row), id: row.dataset.chat, button: [...row.children].indexOf(document.activeElement) };
    const groups = by_age(chats);
    const parts = [...groups].map(([age, members]) =>
      make("section", {}, make("h2", {}, t(age)),
        make("ul", {}, ...members.map((chat) => this.#row(chat, chat.id === current.id, is_running(chat))))));
    this.#list.replaceChildren(...(parts.length > 0 ? parts : [make("p", { class: "note" }, t("no_chats"))]));
    if (!place) return;
    const next = rows().find((row) => row.dataset.chat === place.id) ?? rows()[Math.min(place.at, rows().length - 1)];
    (next?.children[place.button] ?? find("new-chat")).focus();
  }

  #row(chat, is_current, running) {
    const title = chat.title;
    const open = make("button", {
      type: "button", class: "chat-title", dir: "auto", title, on_click: () => this.#leave(() => this.actions.open(chat)),
      "aria-current": is_current ? "page" : null,
    }, title);
    const kind = `chat-row${is_current ? " current" : ""}${running ? " running" : ""}`;
    return make("li", { class: kind, "data-chat": chat.id }, open,
      icon_button("edit", t("rename_of", { title }), () => this.actions.rename(chat), { title: t("rename") }),
      icon_button("trash", t("delete_chat", { title }), () => this.actions.remove(chat), { title: t("delete") }));
  }
}

function by_age(chats) {
  const groups = new Map();
  for (const chat of chats) {
    const age = age_of(chat.updated);
    groups.set(age, [...(groups.get(age) ?? []), chat]);
  }
  return groups;
}
