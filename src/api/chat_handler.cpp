#include "api/answer_constraint.h"
#include "api/answer_reading.h"
#include "api/api.h"
#include "api/body.h"
#include "api/chat_request.h"
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
}

void refuse_tools(Fields& fields, const ToolWish& tools) {
  if (tools.callable.empty()) return;
  fields.fail(unsupported_parameter(
      "tools", "`tools` need the model's chat template: the server runs with --no-jinja"));
}

}  // namespace

void Api::chat(const net::Request& request, const ServedPointer& served, net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  ChatRequest wish = read_chat_request(fields, options_.defaults.reasoning);
  Task task{.fields = read_generation_fields(fields, Dialect::kChat, defaults_for(*served),
                                             served->model->tokenizer()),
            .stream = Delivery::kEventsDone};
  refuse_unbuilt(fields);
  if (!options_.tools) refuse_tools(fields, wish.tools);
  const ChatFormat& format = served->format;
  task.fields.grammar = constrain_answer(
      fields, format,
      {.document = read_document(fields), .tools = wish.tools, .may_think = wish.may_think});
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));

  auto prompt =
      render_chat(format, served->model->tokenizer(), std::move(wish.prompt), clock_.unix_s());
  if (!prompt.ok()) {
    return responder.send(error_response(template_error(prompt.status()), request.path));
  }
  task.reading = answer_reading(*served, *prompt, wish.tools);
  const bool in_text = wish.reasoning == ReasoningFormat::kNone ||
                       (wish.reasoning == ReasoningFormat::kLegacy && task.fields.stream);
  task.reading.thoughts_as_text = in_text;
  begin_grammar(task.reading, task.fields.grammar);
  task.prompts.push_back(*std::move(prompt));
  task.fields.stop.insert(task.fields.stop.end(), format.stop.begin(), format.stop.end());
  OpenAiShapeOptions shape = openai_shape_options(task, *served);
  if (wish.reasoning == ReasoningFormat::kLegacy && !in_text) shape.tags_in_text = format.thoughts;
  task.shape = chat_shape(answer_head("chatcmpl-", *served), std::move(shape));
  start(request, served, std::move(task), std::move(responder));
}

void Api::count_chat(const net::Request& request, const ServedPointer& served,
                     net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  ChatRequest wish = read_chat_request(fields, options_.defaults.reasoning);
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));
  const auto prompt = render_chat(served->format, served->model->tokenizer(),
                                  std::move(wish.prompt), clock_.unix_s());
  if (!prompt.ok()) {
    return responder.send(error_response(template_error(prompt.status()), request.path));
  }
  const json::Value answer = {{"object", "response.input_tokens"},
                              {"input_tokens", prompt->size()}};
  responder.send(net::Response::json(200, json::dump(answer)));
}

void Api::apply_template(const net::Request& request, const ServedPointer& served,
                         net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  ChatRequest wish = read_chat_request(fields, options_.defaults.reasoning);
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));
  const tokenizer::Vocabulary& vocabulary = served->model->tokenizer().vocabulary();
  auto rendered = render_chat_text(served->format, served->model->tokenizer(),
                                   std::move(wish.prompt), clock_.unix_s());
  if (!rendered.ok()) {
    return responder.send(error_response(template_error(rendered.status()), request.path));
  }
  // The begin token comes with the tokens: sent back as a prompt, the text must not hold another.
  std::string_view text = rendered->text;
  if (vocabulary.add_bos() && vocabulary.bos()) {
    const std::string_view bos = vocabulary.text(*vocabulary.bos());
    if (text.starts_with(bos)) text.remove_prefix(bos.size());
  }
  responder.send(net::Response::json(200, json::dump({{"prompt", text}})));
}

}  // namespace samovar::api
