// Text completions: OpenAI's /v1/completions and llama-server's /completion and /infill.
#include "api/api.h"
#include "api/constraint_fields.h"
#include "api/context_limit.h"
#include "api/infill_prompt.h"
#include "api/openai_shape.h"
#include "api/prompt_fields.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr const char* kNoInfill = "this model has no tokens for filling in (FIM)";

// The text of each prompt as it was given, without the begin token.
std::vector<std::string> echo_texts(const std::vector<std::vector<int32_t>>& prompts,
                                    const tokenizer::Tokenizer& tokenizer) {
  const auto bos = tokenizer.vocabulary().bos();
  std::vector<std::string> texts;
  for (std::span<const int32_t> prompt : prompts) {
    if (bos && !prompt.empty() && prompt.front() == *bos) prompt = prompt.subspan(1);
    texts.push_back(tokenizer.decode(prompt, true));
  }
  return texts;
}

// The one text that stands before `suffix`.
std::string read_prefix(Fields& fields) {
  const std::vector<std::string> prompts = fields.strings("prompt");
  if (prompts.size() == 1) return prompts.front();
  if (!fields.has("prompt")) fields.fail_missing("prompt");
  fields.fail(bad_field(
      "prompt", "invalid_value",
      fmt::format("`prompt` must be one text where there is a `suffix`, not {}", prompts.size())));
  return {};
}

std::vector<InfillChunk> read_extras(Fields& fields) {
  const json::Value* extras = fields.find("input_extra");
  if (extras == nullptr) return {};
  if (!extras->is_array()) {
    fields.fail_type("input_extra", "an array", *extras);
    return {};
  }
  std::vector<InfillChunk> out;
  for (size_t i = 0; i < extras->size(); ++i) {
    const std::string path = fmt::format("input_extra[{}]", i);
    if (!(*extras)[i].is_object()) {
      fields.fail_type(path, "an object", (*extras)[i]);
      return {};
    }
    Fields inner(fields, path, (*extras)[i]);
    if (!inner.has("text")) inner.fail_missing("text");
    out.push_back({inner.string("filename", ""), inner.string("text", "")});
  }
  return out;
}

void check_choices(Fields& fields, size_t n_prompts, int64_t n) {
  const size_t n_choices = n_prompts * static_cast<size_t>(n);
  if (n_choices <= kMaxPrompts) return;
  fields.fail(bad_field("n", "invalid_value",
                        fmt::format("{} prompts in `prompt` with `n` {} make {} choices, the limit "
                                    "is {}",
                                    n_prompts, n, n_choices, kMaxPrompts)));
}

std::string required_text(Fields& fields, const char* name) {
  if (!fields.has(name)) fields.fail_missing(name);
  return fields.string(name, "");
}

}  // namespace

bool Api::constrain(const Call& call, Fields& fields, Task& task) {
  check_choices(fields, task.prompts.size(), task.fields.n);
  if (!fields.error()) {
    const auto empty = task.empty_prompts_end ? EmptyPrompts::kTaken : EmptyPrompts::kRefused;
    const auto problem = check_prompts(*call.served->engine, task.prompts, empty);
    if (problem) fields.fail(*problem);
  }
  if (!fields.error()) task.fields.grammar = read_constraint(fields, grammars_);
  if (fields.error()) call.refuse(*fields.error());
  return !fields.error();
}

void Api::complete(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  Task task{.fields = read_generation_fields(fields, Dialect::kCompletion, defaults_for(served),
                                             tokenizer),
            .stream = Delivery::kEventsDone};
  const std::string suffix = fields.string("suffix", "");
  const bool fills_in = !suffix.empty();
  const int64_t n_ctx = served.engine->options().n_ctx;
  if (!fills_in) {
    task.prompts = read_prompts(fields, tokenizer, n_ctx);
  } else if (!can_infill(tokenizer.vocabulary())) {
    fields.fail(unsupported_parameter("suffix", kNoInfill));
  } else {
    task.prompts.push_back(infill_prompt({.prefix = read_prefix(fields),
                                          .suffix = suffix,
                                          .suffix_first = options_.spm_infill,
                                          .n_ctx = n_ctx},
                                         tokenizer));
  }
  if (fields.boolean("echo", false)) {
    task.echo = echo_texts(task.prompts, tokenizer);
    task.prompt_chances = task.fields.chances.kind == sample::ChanceKind::kModel;
    if (task.fields.chances.kind == sample::ChanceKind::kDrawn) {
      fields.fail(unsupported_parameter(
          "post_sampling_probs",
          "`post_sampling_probs` together with `echo` is not supported: a prompt is not drawn"));
    }
    if (fills_in) {
      fields.fail(unsupported_parameter("echo", "`echo` together with `suffix` is not supported"));
    }
  }
  if (!constrain(call, fields, task)) return;
  task.shape = completion_shape(answer_head("cmpl-", served), openai_shape_options(task, served));
  start(call, std::move(task));
}

void Api::complete_native(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  Task task{
      .fields = read_generation_fields(fields, Dialect::kNative, defaults_for(served), tokenizer),
      .prompts = read_prompts(fields, tokenizer, served.engine->options().n_ctx),
      .stream = Delivery::kEvents,
      .empty_prompts_end = true};
  if (!constrain(call, fields, task)) return;
  task.shape = native_answer_shape(task, served);
  start(call, std::move(task));
}

void Api::infill(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  if (!can_infill(tokenizer.vocabulary())) {
    return call.refuse(not_supported(kNoInfill));
  }
  Task task{
      .fields = read_generation_fields(fields, Dialect::kNative, defaults_for(served), tokenizer),
      .stream = Delivery::kEvents};
  const InfillParts parts{.prefix = required_text(fields, "input_prefix"),
                          .suffix = required_text(fields, "input_suffix"),
                          .prompt = fields.string("prompt", ""),
                          .extras = read_extras(fields),
                          .suffix_first = options_.spm_infill,
                          .n_ctx = served.engine->options().n_ctx,
                          .n_predict = task.fields.max_tokens};
  if (fields.error()) return call.refuse(*fields.error());
  task.prompts.push_back(infill_prompt(parts, tokenizer));
  if (!constrain(call, fields, task)) return;
  task.shape = native_answer_shape(task, served);
  start(call, std::move(task));
}

}  // namespace samovar::api
