#include "cloud/node_watch.h"

#include "cloud/cloud_answer.h"
#include "cloud/json_member.h"
#include "cloud/node_client.h"
#include "json/json.h"
#include "sys/proc_text.h"

namespace samovar::cloud {
namespace {

constexpr int64_t kReadyTimeoutMs = 30'000;

// A server of ours lists its models before they are there, and says so.
bool waits_for_model(const json::Value& models) {
  bool waits = false;
  for (const json::Value& model : models) {
    const json::Value* const status = member(model, "status");
    const std::string* const value = status == nullptr ? nullptr : text_member(*status, "value");
    if (value == nullptr || *value == "loaded") return false;
    waits = true;
  }
  return waits;
}

}  // namespace

Result<std::string> NodeWatch::get(NodeTarget::Kind kind, const std::string& id,
                                   const std::string& path) {
  const bool is_node = kind == NodeTarget::Kind::kNode;
  SAMOVAR_ASSIGN(NodeTarget target,
                 NodeTarget::from_flags(is_node ? id : "", is_node ? "" : id, folder_, url_));
  SAMOVAR_ASSIGN(const Secret authorization, credentials_.authorization());
  NodeClient client(std::move(target), {.total_timeout_ms = kReadyTimeoutMs, .ca_file = ca_file_});
  NodeClient::Reply reply = client.perform({.url = path, .authorization = authorization});
  if (!reply.result.ok()) return reply.result.status();
  SAMOVAR_TRY(check_answer(reply.result->response, id + path, {authorization}));
  return std::move(reply.result->response.body);
}

Result<NodeView> NodeWatch::look(NodeTarget::Kind kind, const std::string& id) {
  SAMOVAR_ASSIGN(const std::string body, get(kind, id, "/v1/models"));
  const auto parsed = json::parse(body);
  const json::Value* const data = parsed.ok() ? member(*parsed, "data") : nullptr;
  if (data == nullptr || !data->is_array()) {
    return corrupt(id + "/v1/models: expected a list of models, found something else");
  }
  if (waits_for_model(*data)) SAMOVAR_TRY(get(kind, id, "/readyz").status());
  NodeView view;
  for (const json::Value& model : *data) {
    const json::Value* const tags = member(model, "tags");
    for (const json::Value& tag : tags == nullptr ? json::Value::array() : *tags) {
      if (tag.is_string()) view.tags.push_back(tag.get<std::string>());
    }
  }
  return view;
}

std::optional<int64_t> NodeWatch::n_running(const std::string& node_id) {
  const auto text = get(NodeTarget::Kind::kNode, node_id, "/metrics");
  if (!text.ok()) return std::nullopt;
  const auto working = sys::field_u64(*text, "llamacpp:requests_processing");
  if (!working) return std::nullopt;
  const auto waiting = sys::field_u64(*text, "llamacpp:requests_deferred");
  return static_cast<int64_t>(*working + waiting.value_or(0));
}

}  // namespace samovar::cloud
