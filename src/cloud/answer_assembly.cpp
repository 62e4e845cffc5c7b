#include "cloud/answer_assembly.h"

#include "cloud/json_member.h"
#include "json/json.h"

namespace samovar::cloud {

Status AnswerAssembly::add(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
  if (text == "[DONE]") {
    has_end_mark_ = true;
    return {};
  }
  const auto piece = json::parse(text);
  if (!piece.ok() || !piece->is_object()) return corrupt("a piece of the stream is no JSON object");
  if (const json::Value* const error = member(*piece, "error"); error && !error->is_null()) {
    error_ = json::dump(*piece);
    return internal_error("the node answered with an error amid the stream");
  }
  put(*piece);
  return {};
}

void join(json::Value& into, const json::Value& piece) {
  if (piece.is_null()) return;
  if (piece.is_string() && into.is_string()) {
    into.get_ref<std::string&>() += piece.get_ref<const std::string&>();
  } else if (piece.is_array() && into.is_array()) {
    into.insert(into.end(), piece.begin(), piece.end());
  } else {
    into = piece;
  }
}

}  // namespace samovar::cloud
