// Chats to a file and back. A file from elsewhere is checked member by member; what is unknown is dropped.
const kFormat = "samovar-chats";
const kMaxBytes = 64 << 20;

export function export_chats(chats) {
  const text = JSON.stringify({ format: kFormat, version: 1, exported: new Date().toISOString(), chats }, null, 1);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = `samovar-chats-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const is_text = (value) => typeof value === "string";
const is_time = (value) => Number.isFinite(value) && value > 0;

function checked_stats(stats) {
  const kept = Object.entries(stats ?? {}).filter(([, value]) => Number.isFinite(value));
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

function checked_message(message) {
  if (!["user", "assistant"].includes(message?.role) || !is_text(message.content)) return null;
  const out = { role: message.role, content: message.content };
  for (const name of ["reasoning", "model", "finish"]) if (is_text(message[name])) out[name] = message[name];
  if (message.stopped === true) out.stopped = true;
  const stats = checked_stats(message.stats);
  if (stats) out.stats = stats;
  return out;
}

function checked_chat(chat) {
  if (!is_text(chat?.id) || chat.id.length > 64 || !Array.isArray(chat.messages)) return null;
  const messages = chat.messages.map(checked_message).filter((message) => message !== null);
  if (messages.length === 0) return null;
  const now = Date.now();
  return {
    id: chat.id,
    title: is_text(chat.title) ? chat.title.slice(0, 200) : "",
    created: is_time(chat.created) ? chat.created : now,
    updated: is_time(chat.updated) ? chat.updated : now,
    system: is_text(chat.system) ? chat.system : "",
    messages,
  };
}

// RETURNS the chats of a file; throws an Error whose message is a key of the texts.
export async function read_chats(file) {
  if (file.size > kMaxBytes) throw new Error("import_large");
  let content;
  try {
    content = JSON.parse(await file.text());
  } catch {
    throw new Error("import_failed");
  }
  if (content?.format !== kFormat || !Array.isArray(content.chats)) throw new Error("import_failed");
  const chats = content.chats.map(checked_chat).filter((chat) => chat !== null);
  if (chats.length === 0) throw new Error("import_failed");
  return chats;
}
