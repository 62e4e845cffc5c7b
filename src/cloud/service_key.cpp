#include "cloud/service_key.h"

#include "cloud/json_member.h"
#include "json/json.h"
#include "sys/file.h"

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr size_t kMaxKeyBytes = 64 << 10;

Result<std::string> needed(const json::Value& key, const char* name) {
  const std::string* const text = text_member(key, name);
  if (text == nullptr || text->empty()) {
    return invalid_argument(
        fmt::format("no text `{}`: expected a file as `yc iam key create` writes it", name));
  }
  return *text;
}

}  // namespace

Result<ServiceKey> parse_service_key(std::string_view text) {
  // Not with the parser's own message, which repeats a piece of the text.
  const auto key = json::parse(text, {.max_bytes = kMaxKeyBytes, .max_depth = 8});
  if (!key.ok() || !key->is_object()) {
    return invalid_argument(
        fmt::format("not a JSON object, or cut off after {} bytes: expected a file as `yc iam key "
                    "create` writes it",
                    text.size()));
  }
  ServiceKey out;
  SAMOVAR_ASSIGN(out.id, needed(*key, "id"));
  SAMOVAR_ASSIGN(out.service_account_id, needed(*key, "service_account_id"));
  SAMOVAR_ASSIGN(std::string pem, needed(*key, "private_key"));
  if (pem.find("PRIVATE KEY-----") == std::string::npos) {
    return invalid_argument("`private_key` is no private key in PEM form");
  }
  out.private_pem = Secret(std::move(pem));
  return out;
}

Result<ServiceKey> read_service_key(const std::string& path) {
  SAMOVAR_ASSIGN(const std::string text, sys::read_file(path, kMaxKeyBytes));
  auto key = parse_service_key(text);
  if (!key.ok()) return key.status().with_context(path);
  return key;
}

}  // namespace samovar::cloud
