// Ollama's /api/generate and /api/chat.
#include "api/answer_constraint.h"
#include "api/answer_reading.h"
#include "api/chat_request.h"
#include "api/infill_prompt.h"
#include "api/ollama_call.h"
#include "api/ollama_messages.h"
#include "api/ollama_prompt.h"
#include "api/ollama_request.h"
#include "api/prompt_fields.h"
#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::api {
namespace {

void refuse_images(Fields& fields) {
  const json::Value* images = fields.find("images");
  if (images == nullptr || images->empty()) return;
  fields.fail(
      bad_field("images", "unsupported_value", "image input is not supported by this model"));
}

bool can_think(const ServedModel& served) {
  return !served.format.thoughts.empty();
}

void check_think(Fields& fields, const OllamaRequest& wish, const ServedModel& served,
                 const std::string& model) {
  if (wish.think.value_or(false) && !can_think(served)) {
    fields.fail(bad_field("think", "unsupported_value",
                          fmt::format("\"{}\" does not support thinking", model)));
  }
}

ChatPrompt chat_prompt(json::Value messages, const OllamaRequest& wish,
                       const ToolWish& tools = {}) {
  ChatPrompt prompt{.messages = std::move(messages), .tools = tools.shown};
  if (wish.think) prompt.kwargs["enable_thinking"] = *wish.think;
  if (!wish.effort.empty()) prompt.kwargs["reasoning_effort"] = wish.effort;
  // An answer that has been begun goes on.
  json::Value& all = prompt.messages;
  if (!all.empty() && all.back()["role"] == "assistant" && !all.back().contains("tool_calls")) {
    prompt.prefill = all.back()["content"].get<std::string>();
    prompt.prefill_thought = all.back().value("reasoning_content", "");
    all.erase(all.size() - 1);
  }
  return prompt;
}

// Member `context`: tokens of what was said before.
std::vector<int32_t> read_context(Fields& fields, const tokenizer::Tokenizer& tokenizer) {
  const json::Value* context = fields.find("context");
  if (context == nullptr) return {};
  if (!context->is_array()) {
    fields.fail_type("context", "an array of token ids", *context);
    return {};
  }
  for (const json::Value& token : *context) {
    if (!token.is_number()) fields.fail_type("context", "an array of token ids", token);
  }
  return read_prompt(fields, *context, "context", tokenizer, {});
}

GenerationFields generation_fields(const OllamaRequest& wish) {
  GenerationFields out{.sampling = wish.options.sampling, .dry_breakers = default_dry_breakers()};
  out.max_tokens = wish.options.max_tokens;
  out.n_ctx = wish.options.n_ctx;
  out.context_shift = wish.shift;
  out.n_keep = wish.options.n_keep;
  out.stop = wish.options.stop;
  out.stream = wish.stream;
  out.chances = wish.chances;
  return out;
}

}  // namespace

std::vector<int32_t> Api::ollama_prompt(Fields& fields, const ServedModel& served,
                                        const OllamaRequest& wish) const {
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  const std::string prompt = fields.string("prompt", "");
  const std::string system = fields.string("system", "");
  const std::string suffix = fields.string("suffix", "");
  std::vector<int32_t> tokens = read_context(fields, tokenizer);
  const bool raw = fields.boolean("raw", false);
  const bool has_template = !fields.string("template", "").empty();
  if (raw && (has_template || !system.empty() || !tokens.empty())) {
    fields.fail(bad_field("raw", "invalid_value",
                          "raw mode does not support template, system, or context"));
  } else if (has_template) {
    fields.fail(unsupported_parameter("template", "`template` is not supported yet"));
  }
  if (fields.error()) return {};
  if (!suffix.empty()) {
    return infill_prompt({.prefix = prompt,
                          .suffix = suffix,
                          .suffix_first = options_.spm_infill,
                          .n_ctx = wish.options.n_ctx},
                         tokenizer);
  }
  if (raw) return tokenizer.encode(prompt, {.add_special = true, .parse_special = true});

  json::Value messages = json::Value::array();
  if (!system.empty()) messages.push_back({{"role", "system"}, {"content", system}});
  messages.push_back({{"role", "user"}, {"content", prompt}});
  auto rendered =
      render_fitting(served, chat_prompt(std::move(messages), wish), wish, clock_.unix_s());
  if (!rendered.ok()) {
    fields.fail(template_error(rendered.status()));
    return {};
  }
  const auto bos = tokenizer.vocabulary().bos();
  const bool second_bos = !tokens.empty() && bos && !rendered->empty() && rendered->front() == *bos;
  tokens.insert(tokens.end(), rendered->begin() + (second_bos ? 1 : 0), rendered->end());
  return tokens;
}

void Api::answer_ollama(const OllamaCall& call, Fields& request, const OllamaRequest& wish,
                        std::vector<int32_t> prompt) {
  const OllamaOptions& options = wish.options;
  keep(call, wish);
  if (wish.truncate && static_cast<int64_t>(prompt.size()) >= options.n_ctx) {
    prompt = cut_middle(std::move(prompt), options.n_keep, room_for_prompt(options));
  }
  const auto n_prompt = static_cast<int64_t>(prompt.size());
  if (n_prompt >= options.n_ctx) {
    return call.refuse(
        bad_field("prompt", "context_length_exceeded",
                  fmt::format("the input length exceeds the context length: {} of {} tokens",
                              n_prompt, options.n_ctx)));
  }
  Task task{.fields = generation_fields(wish),
            .stream = Delivery::kJsonLines,
            .keep_ids = call.wants_context,
            .reading = call.reading};
  GenerationFields& fields = task.fields;
  const bool thinks = wish.think.value_or(true);
  fields.grammar = constrain_answer(request, call.served->format,
                                    {.document = wish.document,
                                     .tools = call.tools,
                                     .may_think = may_think(thinks, call.reading)},
                                    grammars_);
  begin_grammar(call.reading, fields.grammar);
  // Should the template, or the model, begin to think all the same: no longer than to its end tag.
  task.thought = thought_watch(request, *call.served, call.reading,
                               {.max_tokens = thinks ? int64_t{-1} : int64_t{0}});
  if (request.error()) return call.refuse(*request.error());
  fields.stop.insert(fields.stop.end(), call.served->format.stop.begin(),
                     call.served->format.stop.end());
  OllamaShapeOptions shape{.route = call.route,
                           .model = call.model,
                           .clock = &clock_,
                           .arrived_us = call.arrived_us,
                           .loaded_us = call.loaded_us,
                           .chances = fields.chances.kind,
                           .vocabulary = &call.served->model->tokenizer().vocabulary()};
  if (task.keep_ids) shape.context = prompt;
  task.shape = ollama_shape(std::move(shape));
  task.prompts.push_back(std::move(prompt));
  start(call, std::move(task));
}

// REQUIRES: `body` is an object that names the model, as infer_patiently() sees to.
void Api::call_ollama(Patient inference, const json::Value& body, OllamaCall call) {
  Fields fields(body);
  const ServedModel& served = *call.served;
  const OllamaRequest wish = read_ollama_request(
      fields, defaults_for(served), served.model->tokenizer(), served.engine->options().n_ctx);
  (this->*inference)(call, fields, wish);
}

void Api::keep(const OllamaCall& call, const OllamaRequest& wish) const {
  if (wish.keep_alive_us) registry_->keep(id_of(*call.served), *wish.keep_alive_us);
}

// To a request that only loads or unloads the model.
void Api::answer_ollama_load(const OllamaCall& call, const OllamaRequest& wish) const {
  keep(call, wish);
  call.answer(ollama_load_answer(call.route, call.model,
                                 wish.keep_alive_us == 0 ? "unload" : "load", clock_));
}

void Api::ollama_generate(OllamaCall& call, Fields& fields, const OllamaRequest& wish) {
  const ServedModel& served = *call.served;
  refuse_images(fields);
  check_think(fields, wish, served, call.model);
  const bool fills_in = !fields.string("suffix", "").empty();
  if (fills_in && !can_infill(served.model->tokenizer().vocabulary())) {
    fields.fail(
        unsupported_parameter("suffix", fmt::format("\"{}\" does not support insert", call.model)));
  }
  if (!fields.error() && !fills_in && fields.string("prompt", "").empty() && !fields.error()) {
    return answer_ollama_load(call, wish);
  }
  std::vector<int32_t> prompt;
  if (!fields.error()) prompt = ollama_prompt(fields, served, wish);
  if (fields.error()) return call.refuse(*fields.error());
  const bool raw = fields.boolean("raw", false);
  const bool plain = fills_in || raw;
  call.wants_context = !raw;
  if (!plain) call.reading = answer_reading(served, prompt, {});
  answer_ollama(call, fields, wish, std::move(prompt));
}

void Api::ollama_chat(OllamaCall& call, Fields& fields, const OllamaRequest& wish) {
  const ServedModel& served = *call.served;
  json::Value messages = read_ollama_messages(fields);
  call.tools = read_tools(fields);
  check_think(fields, wish, served, call.model);
  if (fields.error()) return call.refuse(*fields.error());
  if (messages.empty()) return answer_ollama_load(call, wish);
  const ChatPrompt chat = chat_prompt(std::move(messages), wish, call.tools);
  auto prompt = render_fitting(served, chat, wish, clock_.unix_s());
  if (!prompt.ok()) return call.refuse(template_error(prompt.status()));
  call.reading =
      answer_reading(served, *prompt, call.tools, begun_thoughts(chat, served.format.thoughts));
  answer_ollama(call, fields, wish, *std::move(prompt));
}

}  // namespace samovar::api
