// One answer while it is written: asks the server and fills the chat's last message.
import { ApiError, stream_chat } from "./api.js";
import { sampling_fields } from "./sampling.js";
import { split_thoughts } from "./think.js";

// An answer that goes on stands behind its thought.
function begun({ content, reasoning }) {
  return { role: "assistant", content, ...(reasoning ? { reasoning_content: reasoning } : {}) };
}

// What the server is sent: thoughts of earlier answers stay here.
function history(chat, message) {
  const messages = chat.system.trim() ? [{ role: "system", content: chat.system }] : [];
  for (const { role, content } of chat.messages) {
    if (role === "user") messages.push({ role, content });
    else messages.push({ role, content: split_thoughts(content).answer });
  }
  messages.pop(); // `message` itself, still empty ...
  if (message.content) messages.push(begun(message)); // ... or to be continued
  return messages;
}

export class Answer {
  #control = new AbortController();
  #first_ms = 0;
  #before = null; // stats of the part that is continued
  n_parts = 0;

  // `message` is the last of `chat`; on_change() follows each part and the end.
  constructor(chat, message, on_change) {
    this.chat = chat;
    this.message = message;
    this.on_change = on_change;
    this.running = true;
  }

  stop() {
    this.#control.abort();
  }

  // Parts a second so far; a part is about a token.
  rate() {
    const seconds = (performance.now() - this.#first_ms) / 1000;
    return this.n_parts > 4 && seconds > 0.2 ? (this.n_parts - 1) / seconds : 0;
  }

  async run(model) {
    const message = this.message;
    const body = { model, messages: history(this.chat, message), ...sampling_fields() };
    this.#before = message.stats ?? null;
    for (const name of ["error", "stopped", "finish", "stats"]) delete message[name];
    try {
      for await (const event of stream_chat(body, this.#control.signal)) this.#take(event);
    } catch (error) {
      if (error.name === "AbortError") message.stopped = true;
      else message.error = error instanceof ApiError ? error.facts : { kind: "broken", message: String(error) };
    }
    if (!message.stats && this.n_parts > 0) {
      message.stats = { n_answer: this.n_parts + (this.#before?.n_answer ?? 0), rate: this.rate() };
    }
    this.running = false;
    this.on_change();
  }

  #take(event) {
    const choice = event.choices?.[0];
    const { content, reasoning_content } = choice?.delta ?? {};
    if (typeof content === "string") this.message.content += content;
    if (typeof reasoning_content === "string") this.message.reasoning = (this.message.reasoning ?? "") + reasoning_content;
    if (content || reasoning_content) {
      if (this.n_parts++ === 0) this.#first_ms = performance.now();
    }
    if (choice?.finish_reason) this.message.finish = choice.finish_reason;
    if (typeof event.model === "string") this.message.model = event.model;
    if (event.usage || event.timings) this.#count(event.usage ?? {}, event.timings ?? {});
    this.on_change();
  }

  #count(usage, timings) {
    const n_answer = usage.completion_tokens ?? timings.predicted_n ?? 0;
    this.message.stats = {
      n_prompt: usage.prompt_tokens ?? (timings.prompt_n ?? 0) + (timings.cache_n ?? 0),
      n_cached: timings.cache_n ?? 0,
      n_answer: n_answer + (this.#before?.n_answer ?? 0),
      n_used: (usage.prompt_tokens ?? 0) + n_answer,
      rate: timings.predicted_per_second ?? this.rate(),
      prompt_rate: timings.prompt_per_second ?? 0,
      ms: (timings.predicted_ms ?? 0) + (this.#before?.ms ?? 0),
    };
  }
}
