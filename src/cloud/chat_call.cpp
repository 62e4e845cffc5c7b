#include "cloud/chat_call.h"

#include "cloud/cloud_answer.h"
#include "cloud/event_reader.h"
#include "cloud/json_member.h"
#include "json/json.h"

#include <fmt/format.h>

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
  bool is_whole = false;
  request.sink = [&](const net::Response&, std::string_view bytes) {
    problem = events.feed(bytes, [&](std::string_view data) -> Status {
      is_whole = data == "[DONE]";
      if (is_whole) return {};
      SAMOVAR_ASSIGN(const std::string words, words_of(data));
      return words.empty() ? Status() : write(words);
    });
    return problem.ok();
  };
  const NodeClient::Reply reply = node.perform(std::move(request));
  SAMOVAR_TRY(problem);
  if (!reply.result.ok()) return reply.result.status();
  const net::Response& response = reply.result->response;
  SAMOVAR_TRY(check_answer(response, node.target().id, {authorization}));
  SAMOVAR_TRY(write("\n"));
  if (is_whole) return {};
  return busy(fmt::format("{}: the answer ended before it was whole ({})", node.target().id,
                          response.headers.find("Content-Type").value_or("no Content-Type")));
}

}  // namespace samovar::cloud
