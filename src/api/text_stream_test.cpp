#include "api/text_stream.h"

#include "tokenizer/small_vocabulary.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using engine::FinishReason;
using tokenizer::SmallVocabulary;
using tokenizer::Token;
using tokenizer::Vocabulary;

struct Fixture {
  SmallVocabulary small = SmallVocabulary::bpe();
  Vocabulary vocabulary = *Vocabulary::create(small.definition());

  // One token for each byte.
  std::vector<Token> bytes(std::string_view text) const {
    std::vector<Token> tokens;
    for (const char c : text) tokens.push_back(*vocabulary.byte_token(static_cast<uint8_t>(c)));
    return tokens;
  }
};

std::string pushed(TextStream& stream, const std::vector<Token>& tokens) {
  std::string text;
  for (const Token token : tokens) text += stream.push(token);
  return text;
}

TEST_CASE_FIXTURE(Fixture, "characters and stop strings that tokens cut come out right") {
  TextStream stream(vocabulary, stop_strings({"\u20ac."}));
  CHECK(pushed(stream, bytes("a\u00e9 \u20ac, ")) == "a\u00e9 \u20ac, ");
  CHECK(pushed(stream, bytes("b\u20ac")) == "b");  // the stop string may have begun
  CHECK_FALSE(stream.stopped());
  CHECK(pushed(stream, bytes(".")) == "");
  CHECK(stream.stopped());
  CHECK(pushed(stream, bytes("more")) == "");
  CHECK(stream.finish(FinishReason::kStopSign) == "");
}

TEST_CASE_FIXTURE(Fixture, "what only began like a stop string comes at the end") {
  for (const FinishReason reason : {FinishReason::kEndOfGeneration, FinishReason::kLength}) {
    TextStream stream(vocabulary, stop_strings({"END"}));
    CHECK(pushed(stream, bytes("the EN")) == "the ");
    CHECK(stream.finish(reason) == "EN");
    CHECK_FALSE(stream.stopped());
  }
}

TEST_CASE_FIXTURE(Fixture, "half a character is shown broken if the model ended, left out if cut") {
  for (const FinishReason reason :
       {FinishReason::kLength, FinishReason::kContextFull, FinishReason::kStopSign}) {
    TextStream cut(vocabulary, {});
    CHECK(pushed(cut, bytes("a\xe2\x82")) == "a");
    CHECK(cut.finish(reason) == "");
  }
  TextStream ended(vocabulary, {});
  CHECK(pushed(ended, bytes("a\xe2\x82")) == "a");
  CHECK(ended.finish(FinishReason::kEndOfGeneration) == "\uFFFD");
}

TEST_CASE_FIXTURE(Fixture, "control tokens are shown only where asked for") {
  const Token end = *vocabulary.find("<|im_end|>");
  CHECK(TextStream(vocabulary, {}).push(end) == "");
  CHECK(TextStream(vocabulary, {}, true).push(end) == "<|im_end|>");
}

}  // namespace
}  // namespace samovar::api
