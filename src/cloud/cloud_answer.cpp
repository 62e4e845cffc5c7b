#include "cloud/cloud_answer.h"

#include "cloud/json_member.h"
#include "cloud/mask.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

// {"code": 16, "message": "..."}, {"error": {"message": "..."}}, {"error": "..."}, a registry's
// {"errors": [{"message": "..."}]}, or the text.
std::string words_of(const net::Response& response) {
  const auto body = json::parse(response.body, {.max_bytes = size_t{1} << 20, .max_depth = 32});
  if (!body.ok()) return response.body;
  for (const char* name : {"message", "error", "detail"}) {
    const json::Value* const value = member(*body, name);
    if (value == nullptr) continue;
    if (value->is_string()) return value->get<std::string>();
    if (const std::string* const text = text_member(*value, "message")) return *text;
  }
  if (const json::Value* const errors = member(*body, "errors");
      errors != nullptr && errors->is_array() && !errors->empty()) {
    if (const std::string* const text = text_member(errors->front(), "message")) return *text;
  }
  return response.body;
}

Code code_of(int http_status) {
  if (http_status == 408 || http_status == 429 || http_status / 100 == 5) return Code::kBusy;
  return http_status == 404 ? Code::kNotFound : Code::kInvalidArgument;
}

}  // namespace

Status check_answer(const net::Response& response, std::string_view what,
                    const std::vector<Secret>& sent) {
  if (response.status / 100 == 2) return {};
  if (response.status / 100 == 3) {
    return unsupported(
        fmt::format("{}: HTTP {}: a redirect, which credentials do not follow; name the address "
                    "that answers",
                    what, response.status));
  }
  const std::string words = masked(words_of(response), sent);
  return {code_of(response.status),
          fmt::format("{}: HTTP {}{}{}", what, response.status, words.empty() ? "" : ": ", words)};
}

Result<json::Value> read_answer(const net::Response& response, std::string_view what,
                                const std::vector<Secret>& sent) {
  SAMOVAR_TRY(check_answer(response, what, sent));
  auto body = json::parse(response.body);  // its message repeats a piece of what may be secret
  if (!body.ok() || !body->is_object()) {
    return corrupt(fmt::format("{}: expected a JSON object, found {} bytes of something else", what,
                               response.body.size()));
  }
  return body;
}

}  // namespace samovar::cloud
