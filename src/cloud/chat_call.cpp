#include "cloud/chat_call.h"

#include "cloud/cloud_answer.h"
#include "cloud/event_reader.h"
#include "cloud/json_member.h"
#include "json/json.h"

namespace samovar::cloud {
namespace {

Result<std::string> last_model(NodeClient& node, const Secret& authorization) {
  const NodeClient::Reply reply =
      node.perform({.url = "/v1/models", .authorization = authorization});
  if (!reply.result.ok()) return reply.result.status();
  SAMOVAR_ASSIGN(const json::Value models,
                 read_answer(reply.result->response, node.target().id, {authorization}));
  const json::Value* const data = member(models, "data");
  if (data == nullptr || !data->is_array() || data->empty()) {
    return not_found(node.target().id + ": lists no model");
  }
  return text_or_empty(data->back(), "id");
}

// The text of one chunk of the stream.
Result<std::string> words_of(std::string_view data) {
  if (data == "[DONE]") return std::string();
  const auto chunk = json::parse(data);
  if (!chunk.ok()) return corrupt("an event of the stream is no JSON");
  if (const json::Value* const error = member(*chunk, "error"); error && error->is_object()) {
    return internal_error(text_or_empty(*error, "message"));
  }
  const json::Value* const choices = member(*chunk, "choices");
  if (choices == nullptr || !choices->is_array() || choices->empty()) return std::string();
  const json::Value* const delta = member(choices->front(), "delta");
  return delta == nullptr ? std::string() : text_or_empty(*delta, "content");
}

}  // namespace

Status chat(NodeClient& node, const Secret& authorization, const std::string& question,
            const std::function<Status(std::string_view)>& write) {
  SAMOVAR_ASSIGN(const std::string model, last_model(node, authorization));
  net::ClientRequest request;
  request.method = net::Method::kPost;
  request.url = "/v1/chat/completions";
  request.headers = {{"Content-Type", "application/json"}};
  request.authorization = authorization;
  request.body = json::dump({{"model", model},
                             {"stream", true},
                             {"messages", {{{"role", "user"}, {"content", question}}}}});
  EventReader events;
  Status problem;
  request.sink = [&](const net::Response&, std::string_view bytes) {
    problem = events.feed(bytes, [&](std::string_view data) -> Status {
      SAMOVAR_ASSIGN(const std::string words, words_of(data));
      return words.empty() ? Status() : write(words);
    });
    return problem.ok();
  };
  const NodeClient::Reply reply = node.perform(std::move(request));
  SAMOVAR_TRY(problem);
  if (!reply.result.ok()) return reply.result.status();
  SAMOVAR_TRY(check_answer(reply.result->response, node.target().id, {authorization}));
  return write("\n");
}

}  // namespace samovar::cloud
