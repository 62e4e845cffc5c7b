#include "api/body.h"

#include "api/call.h"
#include "json/json.h"
#include "net/body_budget.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// B of memory for each byte of a text, at most, while it becomes tokens: copies of it in a
// conversation and in the rendered prompt, ends of words (4), tokens (4). Prose takes half of that.
constexpr size_t kWorkPerTextByte = 8;
// B for each byte of a body while it is parsed, itself included: the library keeps the value it is
// at, and its text for messages, and copies one of them when it outgrows its place.
constexpr size_t kParsed = 4;

// B of all strings in `value`, but for names of members.
size_t text_bytes(const json::Value& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  size_t n_bytes = 0;
  if (value.is_structured()) {
    for (const json::Value& inner : value) n_bytes += text_bytes(inner);
  }
  return n_bytes;
}

// Small bodies have no share: they cost nothing that counts.
Status cover(const net::Request& request, size_t n_bytes) {
  if (request.share == nullptr || request.share->cover(n_bytes)) return {};
  const size_t most = request.share->budget().max_bytes();
  if (n_bytes > most) {
    return too_large(
        fmt::format("a body of {} bytes that takes {} bytes to read: this server has "
                    "{} bytes of memory for that",
                    request.body.size(), n_bytes, most));
  }
  return busy("too many large bodies at the same time: try again later");
}

Result<json::Value> parse_covered(const net::Request& request) {
  if (request.body.empty())
    return invalid_argument("the request has no body; a JSON object is expected");
  const size_t n_bytes = request.body.size();
  SAMOVAR_TRY(cover(request, kParsed * n_bytes));
  SAMOVAR_ASSIGN(json::Value body, json::parse(request.body));
  SAMOVAR_TRY(cover(request, 2 * n_bytes + kWorkPerTextByte * text_bytes(body)));
  return body;
}

}  // namespace

std::optional<json::Value> parse_body(const net::Request& request, ApiError& error) {
  auto body = parse_covered(request);
  if (!body.ok()) {
    error = from_status(body.status());
  } else if (!body->is_object()) {
    error = {
        .code = "invalid_type",
        .message = fmt::format("the body must be a JSON object, not {}", json::type_name(*body))};
  } else {
    return *std::move(body);
  }
  return std::nullopt;
}

void Call::answer(const json::Value& value) const {
  responder.send(net::Response::json(200, json::dump(value)));
}

}  // namespace samovar::api
