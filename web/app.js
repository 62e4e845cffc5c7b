// The chat page: streams answers from /v1/chat/completions. Model output is only ever set as text,
// never as HTML.
"use strict";

const chat = document.getElementById("chat");
const form = document.getElementById("ask");
const text = document.getElementById("text");
const send = document.getElementById("send");
const status = document.getElementById("status");
let messages = [];
let running = null; // AbortController of the answer that is being written

function show(kind, content) {
  const element = document.createElement("div");
  element.className = `message ${kind}`;
  element.textContent = content;
  chat.append(element);
  chat.scrollTop = chat.scrollHeight;
  return element;
}

// Calls on_event for the data of each server-sent event of `response`.
async function read_events(response, on_event) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    buffer += value;
    const events = buffer.split("\n\n");
    buffer = events.pop();
    for (const event of events) {
      if (event.startsWith("data: ") && event !== "data: [DONE]") on_event(JSON.parse(event.slice(6)));
    }
  }
}

function show_timings(timings, usage) {
  if (!timings) return;
  const rate = (n) => n.toFixed(1);
  const count = usage ? usage.completion_tokens : timings.predicted_n;
  status.textContent =
    `${timings.prompt_n} prompt tokens at ${rate(timings.prompt_per_second)}/s, ` +
    `${count} answer tokens at ${rate(timings.predicted_per_second)}/s`;
}

async function answer() {
  const element = show("assistant", "");
  let content = "";
  running = new AbortController();
  send.textContent = "Stop";
  try {
    const response = await fetch("v1/chat/completions", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ messages, stream: true, stream_options: { include_usage: true } }),
      signal: running.signal,
    });
    if (!response.ok) throw new Error((await response.json()).error.message);
    await read_events(response, (event) => {
      if (event.error) throw new Error(event.error.message);
      const delta = event.choices[0]?.delta?.content;
      if (delta) {
        content += delta;
        element.textContent = content;
        chat.scrollTop = chat.scrollHeight;
      }
      show_timings(event.timings, event.usage);
    });
  } catch (error) {
    if (error.name !== "AbortError") show("error", error.message);
  }
  if (content) messages.push({ role: "assistant", content });
  running = null;
  send.textContent = "Send";
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return running.abort();
  const content = text.value.trim();
  if (!content) return;
  text.value = "";
  messages.push({ role: "user", content });
  show("user", content);
  answer();
});

text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.getElementById("clear").addEventListener("click", () => {
  if (running) running.abort();
  messages = [];
  chat.replaceChildren();
  status.textContent = "";
  text.focus();
});

fetch("v1/models")
  .then((response) => response.json())
  .then((models) => {
    document.getElementById("model").textContent = models.data[0].id;
  })
  .catch(() => {
    document.getElementById("model").textContent = "the server does not answer";
  });
