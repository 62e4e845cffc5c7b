#include "api/api.h"
#include "api/body.h"
#include "api/messages.h"
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
  for (const char* name : {"audio", "web_search_options", "grammar", "json_schema"}) {
    if (fields.has(name)) {
      fields.fail(unsupported_parameter(name, fmt::format("`{}` is not supported yet", name)));
    }
  }
  const json::Value* format = fields.find("response_format");
  if (format == nullptr) return;
  if (!format->is_object()) {
    fields.fail_type("response_format", "an object", *format);
  } else if (Fields inner(*format, "response_format."); inner.string("type", "text") != "text") {
    fields.fail(unsupported_parameter("response_format.type",
                                      "only `text` is supported yet as `response_format.type`"));
  }
}

json::Value template_kwargs(Fields& fields) {
  const json::Value* kwargs = fields.find("chat_template_kwargs");
  if (kwargs == nullptr) return json::Value::object();
  if (!kwargs->is_object()) {
    fields.fail_type("chat_template_kwargs", "an object", *kwargs);
    return json::Value::object();
  }
  return *kwargs;
}

}  // namespace

void Api::chat(const net::Request& request, const ServedModel& served, net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  const Conversation conversation = read_messages(fields);
  const json::Value kwargs = template_kwargs(fields);
  GenerationFields generation =
      read_generation_fields(fields, options_.defaults, served.model->tokenizer());
  refuse_unbuilt(fields);
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));

  const int64_t now_s = clock_.unix_s();
  auto prompt = render_chat(served.format, served.model->tokenizer(), conversation.messages, kwargs,
                            conversation.prefill, now_s);
  if (!prompt.ok()) {
    ApiError error = from_status(prompt.status());
    error.http = 400;
    error.type = "invalid_request_error";
    error.param = "messages";
    return responder.send(error_response(error, request.path));
  }
  generation.stop.insert(generation.stop.end(), served.format.stop.begin(),
                         served.format.stop.end());
  start(request, served, chat_shape(answer_head("chatcmpl-"), generation.include_usage),
        std::move(generation), *std::move(prompt), std::move(responder));
}

}  // namespace samovar::api
