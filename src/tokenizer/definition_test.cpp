#include "tokenizer/definition.h"

#include "gguf/file.h"
#include "gguf/writer.h"
#include "tokenizer/tokenizer.h"

#include <functional>
#include <limits>

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

constexpr std::string_view kTexts[] = {"<unk>", "<s>", "</s>", "<0x0A>", "a", "b", "ab"};
constexpr int32_t kKinds[] = {2, 3, 3, 6, 1, 1, 1};
constexpr float kScores[] = {0, 0, 0, 0, -1, -2, -3};
constexpr std::string_view kMerges[] = {"a b"};

using Keys = std::function<void(gguf::Writer&)>;

// A file with `keys` alone, and what becomes of it. OWNS the bytes behind both.
struct Loaded {
  explicit Loaded(const Keys& keys) {
    gguf::Writer writer;
    keys(writer);
    bytes = writer.metadata();
    const auto file = gguf::File::parse(std::as_bytes(std::span(bytes)), gguf::Scope::kMetadata);
    REQUIRE(file.ok());
    tokenizer.emplace(Tokenizer::from_gguf(*file));
  }
  std::string bytes;
  std::optional<Result<Tokenizer>> tokenizer;
};

template <class T, size_t kCount>
void add_list(gguf::Writer& writer, std::string_view key, const T (&values)[kCount]) {
  writer.add_array(key, std::span<const T>(values));
}

void add_spm(gguf::Writer& writer) {
  writer.add("tokenizer.ggml.model", "llama");
  add_list(writer, "tokenizer.ggml.tokens", kTexts);
  add_list(writer, "tokenizer.ggml.token_type", kKinds);
}

void check_refused(Code code, std::string_view key, const Keys& keys) {
  CAPTURE(key);
  const Status status = Loaded(keys).tokenizer->status();
  CHECK(status.code() == code);
  CHECK(status.message().find(key) != std::string_view::npos);
}

TEST_CASE("An SPM file of 2023 loads: bos, a space in front, and SentencePiece's first ids") {
  gguf::Writer writer;
  add_spm(writer);
  add_list(writer, "tokenizer.ggml.scores", kScores);
  const std::string bytes = writer.metadata();
  const auto file = gguf::File::parse(std::as_bytes(std::span(bytes)), gguf::Scope::kMetadata);
  REQUIRE(file.ok());
  const auto tokenizer = Tokenizer::from_gguf(*file);
  REQUIRE(tokenizer.ok());
  const Vocabulary& vocabulary = tokenizer->vocabulary();
  CHECK(vocabulary.bos() == 1);
  CHECK(vocabulary.eos() == 2);
  CHECK(vocabulary.unknown() == 0);
  CHECK(vocabulary.add_bos());
  CHECK_FALSE(vocabulary.add_eos());
  CHECK(vocabulary.add_space_prefix());
  CHECK(vocabulary.end_of_generation() == std::vector<Token>{2});
  CHECK(tokenizer->encode("ab\n", {.add_special = true}) == std::vector<Token>{1, 0, 0, 0, 6, 3});
}

TEST_CASE("A BPE file of 2023 loads: no way of cutting named, no bos, no space in front") {
  gguf::Writer writer;
  writer.add("tokenizer.ggml.model", "gpt2");
  add_list(writer, "tokenizer.ggml.tokens", kTexts);
  add_list(writer, "tokenizer.ggml.merges", kMerges);
  writer.add("tokenizer.ggml.eos_token_id", uint32_t{2});
  const std::string bytes = writer.metadata();
  const auto file = gguf::File::parse(std::as_bytes(std::span(bytes)), gguf::Scope::kMetadata);
  REQUIRE(file.ok());
  const auto tokenizer = Tokenizer::from_gguf(*file);
  REQUIRE(tokenizer.ok());
  CHECK_FALSE(tokenizer->vocabulary().bos());
  CHECK_FALSE(tokenizer->vocabulary().add_bos());
  CHECK_FALSE(tokenizer->vocabulary().add_space_prefix());
  CHECK(tokenizer->encode("abba", {.add_special = true}) == std::vector<Token>{6, 5, 4});
}

TEST_CASE("Missing keys and keys of another type are refused by name") {
  check_refused(Code::kCorrupt, "tokenizer.ggml.model", [](gguf::Writer&) {});
  check_refused(Code::kUnsupported, "tokenizer.ggml.model", [](gguf::Writer& writer) {
    writer.add("tokenizer.ggml.model", "bert");
    add_list(writer, "tokenizer.ggml.tokens", kTexts);
  });
  check_refused(Code::kCorrupt, "tokenizer.ggml.tokens",
                [](gguf::Writer& writer) { writer.add("tokenizer.ggml.model", "llama"); });
  check_refused(Code::kCorrupt, "tokenizer.ggml.tokens", [](gguf::Writer& writer) {
    writer.add("tokenizer.ggml.model", "llama");
    add_list(writer, "tokenizer.ggml.tokens", kScores);
  });
  check_refused(Code::kCorrupt, "tokenizer.ggml.merges", [](gguf::Writer& writer) {
    writer.add("tokenizer.ggml.model", "gpt2");
    add_list(writer, "tokenizer.ggml.tokens", kTexts);
  });
  check_refused(Code::kCorrupt, "tokenizer.ggml.scores", [](gguf::Writer& writer) {
    add_spm(writer);
    add_list(writer, "tokenizer.ggml.scores", kTexts);
  });
  check_refused(Code::kCorrupt, "tokenizer.ggml.add_bos_token", [](gguf::Writer& writer) {
    add_spm(writer);
    writer.add("tokenizer.ggml.add_bos_token", "yes");
  });
}

TEST_CASE("Values out of their range are refused by name") {
  check_refused(Code::kCorrupt, "tokenizer.ggml.token_type", [](gguf::Writer& writer) {
    writer.add("tokenizer.ggml.model", "llama");
    add_list(writer, "tokenizer.ggml.tokens", kTexts);
    add_list(writer, "tokenizer.ggml.token_type", {1, 1, 1, 1, 1, 1, 7});
  });
  check_refused(Code::kCorrupt, "tokenizer.ggml.token_type", [](gguf::Writer& writer) {
    writer.add("tokenizer.ggml.model", "llama");
    add_list(writer, "tokenizer.ggml.tokens", kTexts);
    add_list(writer, "tokenizer.ggml.token_type", {1, 1});
  });
  for (const uint32_t id : {uint32_t{7}, std::numeric_limits<uint32_t>::max()}) {
    check_refused(Code::kCorrupt, "tokenizer.ggml.bos_token_id", [id](gguf::Writer& writer) {
      add_spm(writer);
      writer.add("tokenizer.ggml.bos_token_id", id);
    });
  }
  check_refused(Code::kCorrupt, "tokenizer.ggml.eos_token_id", [](gguf::Writer& writer) {
    add_spm(writer);
    writer.add("tokenizer.ggml.eos_token_id", int32_t{-1});
  });
}

TEST_CASE("Special ids other than bos and eos are ignored where there is no such token") {
  const Loaded loaded([](gguf::Writer& writer) {
    add_spm(writer);
    writer.add("tokenizer.ggml.unknown_token_id", uint32_t{7});
    writer.add("tokenizer.ggml.padding_token_id", std::numeric_limits<uint32_t>::max());
    writer.add("tokenizer.ggml.fim_pre_token_id", uint32_t{7});
    writer.add("tokenizer.ggml.middle_token_id", int32_t{-1});
  });
  REQUIRE(loaded.tokenizer->ok());
  const Vocabulary& vocabulary = (*loaded.tokenizer)->vocabulary();
  CHECK(vocabulary.unknown() == 0);
  CHECK_FALSE(vocabulary.padding());
  CHECK_FALSE(vocabulary.fim_prefix());
  CHECK_FALSE(vocabulary.fim_middle());
}

TEST_CASE("Byte tokens of an SPM file without types are known by their texts") {
  const Loaded loaded([](gguf::Writer& writer) {
    writer.add("tokenizer.ggml.model", "llama");
    writer.add("tokenizer.ggml.add_space_prefix", false);
    add_list(writer, "tokenizer.ggml.tokens", kTexts);
  });
  REQUIRE(loaded.tokenizer->ok());
  const Tokenizer& tokenizer = **loaded.tokenizer;
  const std::vector<Token> tokens = tokenizer.encode("a\nb");
  CHECK(tokens == std::vector<Token>{4, 3, 5});
  CHECK(tokenizer.decode(tokens, false) == "a\nb");
}

}  // namespace
}  // namespace samovar::tokenizer
