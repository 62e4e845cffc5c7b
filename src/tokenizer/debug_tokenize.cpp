#include "tokenizer/debug_tokenize.h"

#include "json/json.h"

#include <charconv>
#include <optional>

namespace samovar::tokenizer {
namespace {

std::optional<std::string> bytes_of_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2) {
    uint8_t byte = 0;
    const auto [end, error] = std::from_chars(&hex[i], &hex[i] + 2, byte, 16);
    if (error != std::errc{} || end != &hex[i] + 2) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

Result<std::string> text_of(const json::Value& line) {
  if (const auto text = line.find("text"); text != line.end() && text->is_string()) {
    return text->get<std::string>();
  }
  if (const auto hex = line.find("bytes_hex"); hex != line.end() && hex->is_string()) {
    if (auto bytes = bytes_of_hex(hex->get_ref<const std::string&>())) return *std::move(bytes);
    return invalid_argument("bytes_hex: expected pairs of hexadecimal digits");
  }
  return invalid_argument("expected a string in text or bytes_hex");
}

Result<bool> flag_of(const json::Value& line, const char* name) {
  const auto flag = line.find(name);
  if (flag == line.end()) return false;
  if (!flag->is_boolean()) {
    return invalid_argument(std::string(name) + ": expected true or false, found " +
                            std::string(json::type_name(*flag)));
  }
  return flag->get<bool>();
}

Result<std::vector<Token>> tokenize(const Tokenizer& tokenizer, std::string_view json_line) {
  SAMOVAR_ASSIGN(const json::Value line, json::parse(json_line));
  if (!line.is_object()) return invalid_argument("expected an object");
  SAMOVAR_ASSIGN(const std::string text, text_of(line));
  EncodeOptions options;
  SAMOVAR_ASSIGN(options.add_special, flag_of(line, "add_special"));
  SAMOVAR_ASSIGN(options.parse_special, flag_of(line, "parse_special"));
  return tokenizer.encode(text, options);
}

}  // namespace

std::string tokenize_line(const Tokenizer& tokenizer, std::string_view json_line) {
  const auto ids = tokenize(tokenizer, json_line);
  json::Value reply;
  if (ids.ok()) {
    reply["ids"] = *ids;
  } else {
    reply["error"] = ids.status().message();
  }
  return json::dump(reply);
}

}  // namespace samovar::tokenizer
