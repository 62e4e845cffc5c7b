// The dialog of settings: system prompt of the chat, sampling, appearance, and the chats as files.
import { open_dialog } from "./ask.js";
import { button, icon_button, make } from "./dom.js";
import { languages, t } from "./i18n.js";
import { kSampling, sampling_value } from "./sampling.js";
import { change_settings, settings } from "./settings.js";
import { set_theme } from "./theme.js";

function labelled(label, field, note = "") {
  return make("label", { class: "field" }, make("span", {}, label), field, note ? make("small", {}, note) : null);
}

function choice(options, value, on_change) {
  const select = make("select", {}, ...options.map(([code, name]) => make("option", { value: code }, name)));
  select.value = value;
  select.addEventListener("change", () => on_change(select.value));
  return select;
}

function section(title, note, ...children) {
  return make("section", {}, make("h3", {}, title), note ? make("p", { class: "note" }, note) : null, ...children);
}

function sampling_field([name, low, high, step]) {
  const field = make("input", { type: "number", name, min: low, max: high, step: step === 1 ? 1 : "any", inputmode: "decimal", placeholder: "–" });
  field.value = settings.sampling[name] ?? "";
  field.addEventListener("change", () => {
    const value = sampling_value(name, field.value);
    field.value = value ?? "";
    const rest = { ...settings.sampling };
    delete rest[name];
    change_settings({ sampling: value === undefined ? rest : { ...rest, [name]: value } });
  });
  const notes = { temperature: t("temperature_note"), seed: t("seed_note") };
  return labelled(t(name), field, notes[name]);
}

function sampling_section() {
  const grid = make("div", { class: "grid" }, ...kSampling.map(sampling_field));
  const reset = button(t("reset"), () => {
    change_settings({ sampling: {} });
    for (const field of grid.querySelectorAll("input")) field.value = "";
  });
  return section(t("sampling"), t("sampling_note"), grid, make("div", { class: "buttons" }, reset));
}

function system_section(chat, actions) {
  const field = make("textarea", { rows: "3", dir: "auto", "aria-label": t("system_prompt") });
  field.value = chat.system;
  const everywhere = make("input", { type: "checkbox" });
  everywhere.checked = settings.system !== "" && settings.system === chat.system;
  const keep = () => {
    actions.set_system(field.value);
    if (everywhere.checked) change_settings({ system: field.value });
    else if (settings.system === field.value) change_settings({ system: "" });
  };
  field.addEventListener("change", keep);
  everywhere.addEventListener("change", keep);
  return section(t("system_prompt"), t("system_note"), field, make("label", { class: "check" }, everywhere, t("system_default")));
}

function appearance_section(reopen, actions) {
  const themes = [["", t("automatic")], ["light", t("light")], ["dark", t("dark")]];
  const tongues = [["", t("automatic")], ...languages()];
  const set_language = (language) => {
    actions.set_language(language);
    reopen();
  };
  return section(t("appearance"), "", make("div", { class: "grid" },
    labelled(t("theme"), choice(themes, settings.theme, set_theme)),
    labelled(t("language"), choice(tongues, settings.language, set_language))));
}

function chats_section(actions) {
  const file = make("input", { type: "file", accept: "application/json,.json", class: "hidden", tabindex: "-1", "aria-label": t("import") });
  file.addEventListener("change", () => file.files.length > 0 && actions.import_chats(file.files[0]));
  return section(t("your_chats"), t("privacy"), make("div", { class: "buttons" }, button(t("export"), actions.export_chats),
    button(t("import"), () => file.click()), file, button(t("delete_all"), actions.delete_all, { class: "button danger" })));
}

function key_section(actions) {
  return section(t("key_title"), t("key_note"), make("div", { class: "buttons" }, button(t("enter_key"), actions.enter_key)));
}

// actions: {set_system, set_language, import_chats, export_chats, delete_all, enter_key}; enter_key is null for a
// server that wants none.
export function open_settings(chat, actions) {
  let dialog = null;
  const close = () => dialog.close();
  const reopen = () => {
    close();
    open_settings(chat, actions);
  };
  dialog = open_dialog(t("settings"), { class: "settings", id: "settings" },
    icon_button("close", t("close"), close, { class: "icon-button close" }),
    system_section(chat, actions), sampling_section(), appearance_section(reopen, actions),
    ...(actions.enter_key ? [key_section(actions)] : []),
    chats_section({ ...actions, delete_all: async () => (await actions.delete_all()) && close() }));
}
