#include "tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace samovar::tokenizer {
namespace {

// clang-format off
constexpr PreTokenizer kPreTokenizers[] = {
    {.name = "default",
     .passes = {split_symbols, split_gpt2, split_numbers, split_digit_triples}},
    {.name = "gpt-2", .passes = {split_gpt2}},
    {.name = "starcoder", .passes = {split_each_number, split_gpt2}},
    {.name = "falcon", .passes = {split_symbols_backtick, split_gpt2, split_digit_triples}},
    {.name = "llama3", .passes = {split_llama3}, .whole_words = true, .add_bos = true},
    {.name = "dbrx", .passes = {split_llama3}},
    {.name = "glm4", .passes = {split_llama3}, .whole_words = true},
    {.name = "qwen2", .passes = {split_qwen2}},
    {.name = "qwen35", .passes = {split_qwen35}},
    {.name = "gpt-4o", .passes = {split_gpt4o}},
    {.name = "tekken", .passes = {split_tekken}, .whole_words = true, .add_bos = true},
    {.name = "deepseek-llm",
     .passes = {split_each_newline, split_spaced_cased, split_spaced_ascii, split_trailing_space,
                split_east_asian, split_numbers}},
    {.name = "deepseek-coder",
     .passes = {split_each_newline, split_spaced_letters, split_spaced_punctuation,
                split_east_asian, split_each_number}},
    {.name = "deepseek-v3",
     .passes = {split_number_triples, split_han_kana, split_deepseek3_words}},
    {.name = "bloom", .passes = {split_bloom}},
    {.name = "viking", .passes = {split_bloom, split_each_number}},
    {.name = "gemma4", .passes = {split_newline_runs}},
};

struct Alias {
  std::string_view pre;
  std::string_view name;
};

constexpr Alias kAliases[] = {
    {"", "default"},
    {"llama-v3", "llama3"}, {"llama-bpe", "llama3"}, {"falcon3", "llama3"},
    {"falcon-h1", "llama3"}, {"pixtral", "llama3"}, {"midm-2.0", "llama3"}, {"lfm2", "llama3"},
    {"smaug-bpe", "dbrx"}, {"chatglm-bpe", "dbrx"}, {"glm5", "glm4"},
    {"mpt", "gpt-2"}, {"phi-2", "gpt-2"}, {"olmo", "gpt-2"}, {"jais", "gpt-2"},
    {"trillion", "gpt-2"}, {"granite-docling", "gpt-2"}, {"gigachat", "gpt-2"},
    {"a.x-4.0", "gpt-2"}, {"mellum", "gpt-2"}, {"exaone4", "gpt-2"},
    {"refact", "starcoder"}, {"command-r", "starcoder"}, {"smollm", "starcoder"},
    {"codeshell", "starcoder"}, {"exaone", "starcoder"}, {"minerva-7b", "starcoder"},
    {"mellum2", "starcoder"},
    {"stablelm2", "qwen2"}, {"deepseek-r1-qwen", "qwen2"}, {"hunyuan", "qwen2"},
    {"megrez", "qwen2"}, {"solar-open", "qwen2"}, {"grok-2", "qwen2"}, {"kormo", "qwen2"},
    {"llama4", "gpt-4o"}, {"kanana2", "gpt-4o"}, {"minimax-m2", "gpt-4o"},
    {"hunyuan-dense", "deepseek-v3"}, {"joyai-llm", "deepseek-v3"},
    {"poro-chat", "bloom"}, {"gpt3-finnish", "bloom"},
};
// clang-format on

}  // namespace

void PreTokenizer::split(std::string_view text, std::vector<size_t>& ends) const {
  ends.clear();
  if (text.empty()) return;
  ends.push_back(text.size());
  std::vector<size_t> finer;
  for (const Splitter pass : passes) {
    if (pass == nullptr) return;
    finer.clear();
    size_t begin = 0;
    for (const size_t end : ends) {
      pass(text.substr(begin, end - begin), begin, finer);
      begin = end;
    }
    ends.swap(finer);
  }
}

Result<const PreTokenizer*> find_pre_tokenizer(std::string_view pre) {
  const auto alias = std::ranges::find(kAliases, pre, &Alias::pre);
  const std::string_view name = alias == std::end(kAliases) ? pre : alias->name;
  const auto found = std::ranges::find(kPreTokenizers, name, &PreTokenizer::name);
  if (found == std::end(kPreTokenizers)) {
    return unsupported(fmt::format(
        "tokenizer.ggml.pre: found '{}', a way of cutting words that samovar does not know", pre));
  }
  return &*found;
}

}  // namespace samovar::tokenizer
