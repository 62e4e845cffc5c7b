// Talks to the server: /v1/models, /health and /v1/chat/completions. Every failure is an ApiError.
import { read_events } from "./events.js";
import { api_key } from "./settings.js";

// kind: "network" (no answer, or one that broke off), "http" (an error in OpenAI's shape), "broken" (not JSON).
export class ApiError extends Error {
  constructor(kind, message, facts = {}) {
    super(message);
    this.name = "ApiError";
    this.facts = { kind, message, ...facts };
  }
}

// Events of a stream name no status.
const kStatusOf = { unavailable_error: 503, rate_limit_error: 429, invalid_request_error: 400, exceed_context_size_error: 400 };

function headers(more = {}) {
  const key = api_key();
  return key ? { ...more, Authorization: `Bearer ${key}` } : more;
}

async function ask(path, options = {}) {
  try {
    return await fetch(path, { ...options, headers: headers(options.headers) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("network", error.message);
  }
}

function facts_of(error, status) {
  return {
    status,
    type: String(error.type ?? ""),
    code: String(error.code ?? ""),
    n_prompt: error.n_prompt_tokens,
    n_ctx: error.n_ctx,
  };
}

async function error_of(response) {
  const retry_after_s = Number(response.headers.get("Retry-After")) || 0;
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // no JSON: the status says enough
  }
  const facts = { ...facts_of(error, response.status), retry_after_s, had_key: api_key() !== "" };
  return new ApiError("http", String(error.message ?? response.statusText), facts);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError("broken", text.slice(0, 200));
  }
}

// [{id, meta: {n_ctx, ...}}]
export async function list_models() {
  const response = await ask("v1/models");
  if (!response.ok) throw await error_of(response);
  const models = parse(await response.text()).data;
  return Array.isArray(models) ? models.filter((model) => typeof model?.id === "string") : [];
}

// "ready", "busy", "loading", "draining" or "offline"
export async function server_state() {
  try {
    const response = await ask("health", { cache: "no-store" });
    const body = await response.json();
    if (response.ok) return body.slots_idle === 0 ? "busy" : "ready";
    return /shutting/.test(body.error?.message ?? "") ? "draining" : "loading";
  } catch {
    return "offline";
  }
}

// Yields the chunks of one answer. Throws ApiError, or AbortError after `signal`.
export async function* stream_chat(body, signal) {
  const response = await ask("v1/chat/completions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  if (!response.ok) throw await error_of(response);
  let finished = false;
  try {
    for await (const data of read_events(response)) {
      if (data === "[DONE]") return;
      const event = parse(data);
      if (event.error) throw new ApiError("http", String(event.error.message), facts_of(event.error, kStatusOf[event.error.type] ?? 500));
      finished ||= Boolean(event.choices?.[0]?.finish_reason);
      yield event;
    }
  } catch (error) {
    if (error instanceof ApiError || error.name === "AbortError") throw error;
    throw new ApiError("network", error.message);
  }
  if (!finished) throw new ApiError("network", "the stream ended early");
}
