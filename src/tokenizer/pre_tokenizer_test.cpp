#include "tokenizer/pre_tokenizer.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

// The words of `text`, with bars between them.
std::string cut(std::string_view pre, std::string_view text) {
  const auto pre_tokenizer = find_pre_tokenizer(pre);
  REQUIRE(pre_tokenizer.ok());
  std::vector<uint32_t> ends;
  (*pre_tokenizer)->split(text, ends);
  std::string words;
  size_t begin = 0;
  for (const size_t end : ends) {
    if (begin > 0) words += '|';
    words += text.substr(begin, end - begin);
    begin = end;
  }
  CHECK(begin == text.size());
  return words;
}

TEST_CASE("GPT-2 puts a space in front of words, numbers and symbols, one of several at a time") {
  CHECK(cut("gpt-2", "Hello,  world 123!!") == "Hello|,| | world| 123|!!");
  CHECK(cut("gpt-2", "it's we'll I'M") == "it|'s| we|'ll| I|'|M");
  CHECK(cut("gpt-2", "a\n\n b ") == "a|\n\n| b| ");
  CHECK(cut("gpt-2", "\u0416\u0301x") == "\u0416|\u0301|x");  // a mark is no letter
  CHECK(cut("gpt-2", "") == "");
}

TEST_CASE("Families that cut digits do it before or after words") {
  CHECK(cut("smollm", "ab 1234") == "ab| |1|2|3|4");
  CHECK(cut("falcon", "ab 12345") == "ab| |123|45");
  CHECK(cut("", "x=12345;") == "x|=|123|45|;");
  CHECK(cut("falcon", "`a`") == "`|a|`");
}

TEST_CASE("Llama 3 and Qwen keep newlines together and take any sign in front of a word") {
  CHECK(cut("llama-bpe", "(foo) 12345\r\n\n  bar") == "(foo|)| |123|45|\r\n\n| | bar");
  CHECK(cut("qwen2", "(foo) 123") == "(foo|)| |1|2|3");
  CHECK(cut("llama-bpe", "I'LL don't") == "I|'LL| don|'t");
  CHECK(cut("qwen2", "\u0928\u092e\u0938\u094d\u0924") == "\u0928\u092e\u0938|\u094d\u0924");
  CHECK(cut("qwen35", "\u0928\u092e\u0938\u094d\u0924") == "\u0928\u092e\u0938\u094d\u0924");
}

TEST_CASE("GPT-4o and Tekken cut where lower case turns to upper") {
  CHECK(cut("gpt-4o", "camelCase HTTPServer's //\n") == "camel|Case| HTTPServer's| //\n");
  CHECK(cut("tekken", "camelCase HTTPServer's 123") == "camel|Case| HTTPServer|'s| |1|2|3");
  CHECK(cut("gpt-4o", "\u02b0AB") == "\u02b0|AB");  // uncased, then upper: the former is lower
  CHECK(cut("gpt-4o", "\u0301AB") == "\u0301|AB");
}

TEST_CASE("DeepSeek's families cut scripts apart") {
  CHECK(cut("deepseek-llm", "caf\u00e9 12\u4e2d\u6587\n ") == "caf|\u00e9| |12|\u4e2d\u6587|\n| ");
  CHECK(cut("deepseek-coder", "ab 12\u4e2d, c") == "ab| |1|2|\u4e2d|,| c");
  CHECK(cut("deepseek-v3", "x.y 1234 \u4e2d\u306e") == "x|.y| |123|4| |\u4e2d\u306e");
}

TEST_CASE("Bloom cuts at stops; Gemma 4 at newlines only") {
  CHECK(cut("bloom", "one, two...") == "one|,| two|...");
  CHECK(cut("gemma4", "a b\n\nc") == "a b|\n\n|c");
}

TEST_CASE("Bytes that are no characters are symbols") {
  CHECK(cut("gpt-2", "a\xff\xfe b\xc3") == "a|\xff\xfe| b|\xc3");
}

TEST_CASE("An unknown way of cutting is named in the error") {
  const auto unknown = find_pre_tokenizer("no-such-thing");
  CHECK(unknown.status().code() == Code::kUnsupported);
  CHECK(unknown.status().message().find("no-such-thing") != std::string_view::npos);
}

}  // namespace
}  // namespace samovar::tokenizer
