#include "api/choice.h"

#include "tokenizer/small_vocabulary.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using engine::FinishReason;
using tokenizer::SmallVocabulary;
using tokenizer::Vocabulary;

struct Fixture {
  SmallVocabulary small = SmallVocabulary::bpe();
  Vocabulary vocabulary = *Vocabulary::create(small.definition());

  mutable int64_t n_predicted = 0;

  // One token for each byte; RETURNS the text that left.
  std::string push(Choice& choice, std::string_view text, int64_t predicted_us = 0) const {
    std::string out;
    for (const char c : text) {
      engine::Event event{.token = *vocabulary.byte_token(static_cast<uint8_t>(c))};
      event.timings.predicted_us = predicted_us;
      event.timings.n_predicted = ++n_predicted;
      out += choice.push(event);
    }
    return out;
  }
};

std::string joined(const std::vector<ShownToken>& tokens) {
  std::string out;
  for (const ShownToken& token : tokens) out += token.bytes;
  return out;
}

TEST_CASE_FIXTURE(Fixture, "tokens are shown with their text, not before it") {
  Choice choice(0, vocabulary, {.stop = stop_strings({"END"}), .keep_tokens = true});
  CHECK(push(choice, "a E") == "a ");
  CHECK(joined(choice.take_shown()) == "a ");
  CHECK(choice.take_shown().empty());
  CHECK(push(choice, "x") == "Ex");
  CHECK(joined(choice.take_shown()) == "Ex");
}

TEST_CASE_FIXTURE(Fixture, "tokens of a stop string are swallowed with it") {
  Choice choice(3, vocabulary, {.stop = stop_strings({"END"}), .keep_tokens = true});
  push(choice, "okENDmore");
  CHECK(choice.complete());
  choice.finish(FinishReason::kStopSign);
  CHECK(joined(choice.take_shown()) == "ok");
  const Outcome outcome = choice.outcome({});
  CHECK(outcome.index == 3);
  CHECK(outcome.timings.n_predicted == 5);  // those that the engine added are not counted
  CHECK(outcome.stop == StopType::kWord);
  CHECK(outcome.stopping_word == "END");
}

TEST_CASE_FIXTURE(Fixture, "bytes that are no character shift no token against the text") {
  Choice choice(0, vocabulary, {.stop = stop_strings({"END"}), .keep_tokens = true});
  CHECK(push(choice, "\xff\xe2\x82 a") == "\uFFFD\uFFFD a");
  CHECK(joined(choice.take_shown()) == "\xff\xe2\x82 a");
  CHECK(push(choice, "\xe2\x82") == "");
  CHECK(choice.take_shown().empty());
  push(choice, "bEND");
  choice.finish(FinishReason::kStopSign);
  CHECK(joined(choice.take_shown()) ==
        "\xe2\x82"
        "b");
}

TEST_CASE_FIXTURE(Fixture, "what was held back is shown at the end, with its tokens") {
  Choice choice(0, vocabulary, {.stop = stop_strings({"END"}), .keep_tokens = true});
  push(choice, "the EN");
  choice.take_shown();
  CHECK(choice.finish(FinishReason::kLength) == "EN");
  CHECK(joined(choice.take_shown()) == "EN");
  CHECK(choice.outcome({}).stop == StopType::kLimit);
}

TEST_CASE_FIXTURE(Fixture, "each end has its own type") {
  const auto ended = [&](FinishReason reason) {
    Choice choice(0, vocabulary, {});
    push(choice, "a\nb");
    choice.finish(reason);
    return choice.outcome({});
  };
  CHECK(ended(FinishReason::kEndOfGeneration).stop == StopType::kEnd);
  CHECK(ended(FinishReason::kLength).stop == StopType::kLimit);
  CHECK_FALSE(ended(FinishReason::kLength).truncated);
  CHECK(ended(FinishReason::kContextFull).stop == StopType::kLimit);
  CHECK(ended(FinishReason::kContextFull).truncated);
  CHECK(ended(FinishReason::kLength).has_new_line);
}

TEST_CASE_FIXTURE(Fixture, "time ends an answer only once it has a second line") {
  Choice choice(0, vocabulary, {.max_predict_us = 1000});
  CHECK(push(choice, "abc", 2000) == "abc");
  CHECK_FALSE(choice.complete());
  CHECK(push(choice, "\nxyz", 2000) == "\n");
  CHECK(choice.complete());
  choice.finish(FinishReason::kStopSign);
  CHECK(choice.outcome({}).stop == StopType::kLimit);
}

TEST_CASE_FIXTURE(Fixture, "offsets count characters, what stands before the answer included") {
  Choice choice(0, vocabulary, {});
  choice.prepend("\u20ac!");
  push(choice, "\u00e9x");
  CHECK(choice.text_begin() == 3);
}

}  // namespace
}  // namespace samovar::api
