// Text to tokens and back: /tokenize, /detokenize.
#include "api/api.h"
#include "api/prompt_fields.h"
#include "api/shape_parts.h"
#include "json/json.h"

#include <iterator>
#include <span>
#include <string>

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

// {"tokens": [...]}, with the tokens' texts if `vocabulary` is there. Written as text, without a
// tree of millions of values.
std::string tokens_text(std::span<const int32_t> tokens, const tokenizer::Vocabulary* vocabulary) {
  std::string out = R"({"tokens":[)";
  for (const int32_t token : tokens) {
    if (vocabulary != nullptr) {
      out += json::dump({{"id", token}, {"piece", piece_json(vocabulary->bytes(token))}});
    } else {
      fmt::format_to(std::back_inserter(out), "{}", token);
    }
    out += ',';
  }
  if (!tokens.empty()) out.pop_back();
  return out += "]}";
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
    tokens = read_prompt(fields, *content, "content", tokenizer, {.encode = options});
  }
  if (fields.error()) return call.refuse(*fields.error());
  call.responder.send(net::Response::json(
      200, tokens_text(tokens, with_pieces ? &tokenizer.vocabulary() : nullptr)));
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
