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
  for (const char* name : {"tools", "functions"}) {
    const json::Value* value = fields.find(name);
    if (value != nullptr && !(value->is_array() && value->empty())) {
      fields.fail(unsupported_parameter(name, fmt::format("`{}` is not supported yet", name)));
    }
  }
  for (const char* name : {"audio", "web_search_options"}) {
    if (fields.has(name)) {
      fields.fail(unsupported_parameter(name, fmt::format("`{}` is not supported yet", name)));
    }
  }
}

}  // namespace

void Api::chat(const net::Request& request, const ServedPointer& served, net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  ChatPrompt conversation = read_chat_prompt(fields);
  Task task{.fields = read_generation_fields(fields, Dialect::kChat, defaults_for(*served),
                                             served->model->tokenizer()),
            .stream = Delivery::kEventsDone};
  refuse_unbuilt(fields);
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));

  auto prompt = render_chat(served->format, served->model->tokenizer(), std::move(conversation),
                            clock_.unix_s());
  if (!prompt.ok()) {
    return responder.send(error_response(template_error(prompt.status()), request.path));
  }
  task.prompts.push_back(*std::move(prompt));
  task.fields.stop.insert(task.fields.stop.end(), served->format.stop.begin(),
                          served->format.stop.end());
  task.shape = chat_shape(answer_head("chatcmpl-", *served), openai_shape_options(task, *served));
  start(request, served, std::move(task), std::move(responder));
}

void Api::count_chat(const net::Request& request, const ServedPointer& served,
                     net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  ChatPrompt conversation = read_chat_prompt(fields);
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));
  const auto prompt = render_chat(served->format, served->model->tokenizer(),
                                  std::move(conversation), clock_.unix_s());
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
  ChatPrompt conversation = read_chat_prompt(fields);
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));
  const tokenizer::Vocabulary& vocabulary = served->model->tokenizer().vocabulary();
  auto rendered = render_chat_text(served->format, served->model->tokenizer(),
                                   std::move(conversation), clock_.unix_s());
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
