// Text to tokens and back: /tokenize, /detokenize.
#include "api/api.h"
#include "api/prompt_fields.h"
#include "api/shape_parts.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// A token's text, or its bytes where they are no text by themselves.
json::Value piece_json(const std::string& bytes) {
  if (valid_prefix(bytes).size() == bytes.size()) return bytes;
  json::Value numbers = json::Value::array();
  for (const char byte : bytes) numbers.push_back(static_cast<uint8_t>(byte));
  return numbers;
}

}  // namespace

void Api::tokenize(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  const tokenizer::EncodeOptions options{.add_special = fields.boolean("add_special", false),
                                         .parse_special = fields.boolean("parse_special", true)};
  const bool with_pieces = fields.boolean("with_pieces", false);
  std::vector<int32_t> tokens;
  if (const json::Value* content = fields.find("content")) {
    tokens = read_prompt(fields, *content, "content", tokenizer, options);
  }
  if (fields.error()) return call.refuse(*fields.error());
  json::Value out = json::Value::array();
  for (const int32_t token : tokens) {
    if (with_pieces) {
      out.push_back({{"id", token}, {"piece", piece_json(tokenizer.vocabulary().bytes(token))}});
    } else {
      out.push_back(token);
    }
  }
  call.answer({{"tokens", std::move(out)}});
}

void Api::detokenize(const Call& call, Fields& fields) {
  const ServedModel& served = *call.served;
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  std::vector<int32_t> tokens;
  if (const json::Value* given = fields.find("tokens")) {
    if (given->is_array()) {
      tokens = read_prompt(fields, *given, "tokens", tokenizer, {});
    } else {
      fields.fail_type("tokens", "an array of token ids", *given);
    }
  }
  if (fields.error()) return call.refuse(*fields.error());
  const std::string text = pieces_text(tokenizer.vocabulary(), tokens);
  call.answer({{"content", text}});
}

}  // namespace samovar::api
