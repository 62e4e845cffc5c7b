// The chat page: holds the chat that is shown and the answers that run, and lets the parts know of each other.
import { Announcer } from "./announcer.js";
import { Answer } from "./answer.js";
import { ask_text, ask_whether } from "./ask.js";
import { Chats } from "./chats.js";
import { Composer } from "./composer.js";
import { copy } from "./copy.js";
import { find } from "./dom.js";
import { choose_language, t } from "./i18n.js";
import { show_meter, used_tokens } from "./meter.js";
import { ServerState, short_name } from "./server_state.js";
import { api_key, change_settings, set_api_key, settings } from "./settings.js";
import { open_settings } from "./settings_dialog.js";
import { listen_for_shortcuts, open_shortcuts } from "./shortcuts.js";
import { Sidebar } from "./sidebar.js";
import { switch_theme } from "./theme.js";
import { split_thoughts } from "./think.js";
import { toast } from "./toast.js";
import { Transcript } from "./transcript.js";
import { export_chats, read_chats } from "./transfer.js";

choose_language(settings.language);

const answers = new Map(); // chat id -> Answer that runs
const chats = new Chats({
  on_problem: (problem) => toast(t(problem)), on_change: show_changed, is_running: (id) => answers.has(id),
});
const announcer = new Announcer();
const server = new ServerState(() => show());
const transcript = new Transcript({
  edit: send_again, retry: regenerate, regenerate, continue_answer, enter_key, use_example: send,
});
const composer = new Composer({ send, stop, edit_last: () => transcript.edit_last() });
const sidebar = new Sidebar({ open: open_chat, rename, remove, new_chat });
let current = chats.make();

const running = (chat) => answers.has(chat.id);
const model_name = () => server.model && short_name(server.model.id);

// What is around the conversation: list, field, figures, title.
function show() {
  sidebar.render(chats.list(), current, running);
  composer.show(current.id, running(current));
  document.title = current.title ? `${current.title} - samovar` : "samovar";
  find("title").textContent = current.title || t("new_chat");
  if (current.messages.length === 0) transcript.show(current, false, model_name());
  show_figures();
}

function show_figures() {
  const answer = answers.get(current.id);
  const stats = current.messages.at(-1)?.stats;
  const used = (answer && !stats ? answer.n_parts : 0) + used_tokens(current);
  show_meter({ used, context: server.model?.meta?.n_ctx ?? 0, rate: stats?.rate ?? answer?.rate() ?? 0 });
}

function show_chat() {
  history.replaceState(null, "", current.messages.length > 0 ? `#${current.id}` : location.pathname);
  transcript.show(current, running(current), model_name());
}

function open_chat(chat) {
  current = chat;
  show_chat();
  show();
  composer.focus();
}

function new_chat() {
  if (current.messages.length === 0) return composer.focus();
  open_chat(chats.make());
}

function on_part(answer) {
  const { chat, message } = answer;
  if (answers.get(chat.id) !== answer) return; // its chat was cut or deleted
  chats.save(chat, answer.running ? "later" : "now");
  if (!answer.running) answers.delete(chat.id);
  if (chat !== current) return answer.running || sidebar.render(chats.list(), current, running);
  if (answer.running) {
    transcript.grow();
    announcer.follow(split_thoughts(message.content).answer);
    show_figures();
  } else {
    transcript.refresh(false);
    announcer.end(split_thoughts(message.content).answer, end_in_words(message));
    show();
    if (message.error || !server.model?.meta) server.check(); // it may be loaded now, or gone
  }
}

// An error is an alert of its own.
function end_in_words({ error, stopped }) {
  if (error) return null;
  return t(stopped ? "stopped" : "answer_done");
}

// Chats were written or deleted by another tab, or read from a file.
function show_changed() {
  const chat = chats.get(current.id);
  if (chat !== current && current.messages.length > 0) {
    current = chat ?? chats.make();
    show_chat();
  }
  show();
}

// Writes the chat's last message, a new or an unfinished answer.
function run(chat) {
  const answer = new Answer(chat, chat.messages.at(-1), () => on_part(answer));
  answers.set(chat.id, answer);
  chats.touch(chat);
  history.replaceState(null, "", `#${chat.id}`);
  transcript.refresh(true);
  transcript.go_to_end();
  announcer.start(split_thoughts(current.messages.at(-1).content).answer);
  show();
  answer.run(server.model?.id ?? settings.model);
}

function send(text) {
  if (running(current)) return;
  current.messages.push({ role: "user", content: text }, { role: "assistant", content: "" });
  run(current);
  composer.focus();
}

function send_again(message, text) {
  answers.get(current.id)?.stop();
  current.messages.splice(current.messages.indexOf(message));
  answers.delete(current.id);
  send(text);
}

function regenerate() {
  if (running(current) || current.messages.at(-1)?.role !== "assistant") return;
  current.messages.splice(-1, 1, { role: "assistant", content: "" });
  run(current);
}

function continue_answer() {
  if (!running(current)) run(current);
}

function stop() {
  answers.get(current.id)?.stop();
}

// Keeps what was written so far; the server need not go on.
function leave() {
  for (const answer of answers.values()) {
    answer.stop();
    answer.message.stopped = true;
  }
  chats.flush();
}

async function rename(chat) {
  const title = await ask_text(t("rename_chat"), { value: chat.title });
  if (!title) return;
  chat.title = title.slice(0, 200);
  chats.save(chat);
  show();
}

function remove(chat) {
  answers.get(chat.id)?.stop();
  answers.delete(chat.id);
  chats.remove(chat);
  if (chat === current) open_chat(chats.list()[0] ?? chats.make());
  else show();
  const undo = () => {
    chats.add([chat]);
    open_chat(chat);
  };
  toast(t("chat_deleted"), { label: t("undo"), run: undo });
}

async function delete_all() {
  if (!(await ask_whether(t("delete_all"), t("delete_all_question"), t("delete_all")))) return false;
  for (const answer of answers.values()) answer.stop();
  answers.clear();
  chats.clear();
  open_chat(chats.make());
  toast(t("all_deleted"));
  return true;
}

async function import_chats(file) {
  try {
    const added = chats.add(await read_chats(file));
    toast(t("imported", { count: added.length }));
    show_changed();
  } catch (error) {
    toast(t(error.message));
  }
}

async function enter_key() {
  const key = await ask_text(t("key_title"), { value: api_key(), note: t("key_note"), type: "password" });
  if (key === null) return;
  set_api_key(key);
  await server.check();
  if (server.state !== "locked" && current.messages.at(-1)?.error?.status === 401) regenerate();
}

function set_language(language) {
  change_settings({ language });
  choose_language(language);
  server.show();
  transcript.show(current, running(current), model_name());
  show();
}

function set_system(system) {
  current.system = system;
  if (current.messages.length > 0) chats.save(current);
}

function step(by) {
  const list = chats.list();
  const at = list.indexOf(current);
  const next = list[at < 0 ? 0 : at + by];
  if (next) open_chat(next);
}

async function copy_last() {
  const last = current.messages.findLast((message) => message.role === "assistant");
  if (!last) return;
  await copy(split_thoughts(last.content).answer).then(() => toast(t("copied")), () => toast(t("copy_failed")));
}

function show_settings() {
  const keyed = server.state === "locked" || api_key() !== "";
  open_settings(current, {
    set_system, set_language, import_chats, delete_all, export_chats: () => export_chats(chats.list()),
    enter_key: keyed ? enter_key : null,
  });
}

find("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the address names the chat
  composer.focus();
});
find("open-settings").addEventListener("click", show_settings);
find("open-shortcuts").addEventListener("click", open_shortcuts);
find("theme").addEventListener("click", switch_theme);
listen_for_shortcuts({
  new_chat, regenerate, copy_last, stop: () => sidebar.close_drawer() || stop(), toggle_sidebar: () => sidebar.toggle(), settings: show_settings,
  previous_chat: () => step(-1), next_chat: () => step(1), focus_message: () => composer.focus(), help: open_shortcuts,
});

await chats.load();
addEventListener("pagehide", leave);
open_chat(chats.get(location.hash.slice(1)) ?? current);
await server.check();
if (server.state === "locked") enter_key();
