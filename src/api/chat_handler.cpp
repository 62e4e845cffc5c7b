#include "api/answer_constraint.h"
#include "api/answer_reading.h"
#include "api/api.h"
#include "api/chat_request.h"
#include "api/context_limit.h"
#include "api/openai_shape.h"
#include "api/prompt_fields.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// Members that ask for what is not built: refused by name rather than ignored.
void refuse_unbuilt(Fields& fields) {
  for (const char* name : {"audio", "web_search_options"}) {
    if (fields.has(name)) {
      fields.fail(unsupported_parameter(name, fmt::format("`{}` is not supported yet", name)));
    }
  }
  for (const std::string& modality : fields.strings("modalities")) {
    if (modality == "text") continue;
    fields.fail(unsupported_parameter(
        "modalities", fmt::format("`modalities`: answers are text, not \"{}\"", modality)));
  }
}

void refuse_tools(Fields& fields, const ToolWish& tools) {
  if (tools.callable.empty()) return;
  fields.fail(unsupported_parameter(
      "tools", "`tools` need the model's chat template: the server runs with --no-jinja"));
}

}  // namespace

void Api::chat(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  ChatRequest wish = read_chat_request(fields, options_.defaults.reasoning);
  Task task{
      .fields = read_generation_fields(fields, Dialect::kChat, defaults_for(served), tokenizer),
      .stream = Delivery::kEventsDone};
  refuse_unbuilt(fields);
  if (!options_.tools) refuse_tools(fields, wish.tools);
  if (fields.error()) return call.refuse(*fields.error());

  if (fields.boolean("echo", false)) task.echo = {wish.prompt.prefill};
  const ChatFormat& format = served.format;
  const auto begun = begun_thoughts(wish.prompt, format.thoughts);
  const auto rendered =
      render_chat_text(format, tokenizer, std::move(wish.prompt), clock_.unix_s());
  if (!rendered.ok()) return call.refuse(template_error(rendered.status()));
  if (const auto too_long =
          check_length(rendered->text, tokenizer, served.engine->options().n_ctx)) {
    return call.refuse(*too_long);
  }
  std::vector<int32_t> prompt = chat_tokens(*rendered, tokenizer);
  if (const auto problem = check_prompt(*served.engine, prompt)) return call.refuse(*problem);
  task.reading = answer_reading(served, prompt, wish.tools, begun);
  const auto document = read_document(fields);
  task.fields.grammar = constrain_answer(fields, format,
                                         {.document = document,
                                          .tools = wish.tools,
                                          .may_think = may_think(wish.may_think, task.reading)},
                                         grammars_);
  begin_grammar(task.reading, task.fields.grammar);
  task.thought = thought_watch(fields, served, task.reading, wish.reasoning);
  if (fields.error()) return call.refuse(*fields.error());

  const ReasoningFormat reasoning = wish.reasoning.format;
  const bool in_text = reasoning == ReasoningFormat::kNone ||
                       (reasoning == ReasoningFormat::kLegacy && task.fields.stream);
  task.reading.thoughts_as_text = in_text;
  task.fields.reasoning_format = reasoning;
  task.prompts.push_back(std::move(prompt));
  task.fields.stop.insert(task.fields.stop.end(), format.stop.begin(), format.stop.end());
  OpenAiShapeOptions shape = openai_shape_options(task, served);
  if (reasoning == ReasoningFormat::kLegacy && !in_text) shape.tags_in_text = format.thoughts;
  task.shape = chat_shape(answer_head("chatcmpl-", served), std::move(shape));
  start(call, std::move(task));
}

void Api::count_chat(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  ChatRequest wish = read_chat_request(fields, options_.defaults.reasoning);
  if (fields.error()) return call.refuse(*fields.error());
  const auto prompt = render_chat(served.format, served.model->tokenizer(), std::move(wish.prompt),
                                  clock_.unix_s());
  if (!prompt.ok()) {
    return call.refuse(template_error(prompt.status()));
  }
  const json::Value answer = {{"object", "response.input_tokens"},
                              {"input_tokens", prompt->size()}};
  call.answer(answer);
}

void Api::apply_template(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  ChatRequest wish = read_chat_request(fields, options_.defaults.reasoning);
  if (fields.error()) return call.refuse(*fields.error());
  const tokenizer::Vocabulary& vocabulary = served.model->tokenizer().vocabulary();
  auto rendered = render_chat_text(served.format, served.model->tokenizer(), std::move(wish.prompt),
                                   clock_.unix_s());
  if (!rendered.ok()) {
    return call.refuse(template_error(rendered.status()));
  }
  // The begin token comes with the tokens: sent back as a prompt, the text must not hold another.
  std::string_view text = rendered->text;
  if (vocabulary.add_bos() && begins_with_bos(*rendered, vocabulary)) {
    text.remove_prefix(vocabulary.text(*vocabulary.bos()).size());
  }
  call.answer({{"prompt", text}});
}

}  // namespace samovar::api
