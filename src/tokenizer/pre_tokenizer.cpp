#include "tokenizer/pre_tokenizer.h"

#include "tokenizer/class_patterns.h"
#include "tokenizer/word_patterns.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace samovar::tokenizer {
namespace {

using Pattern = size_t (*)(const TextReader& text, size_t pos);

template <Pattern kMatch>
void split(std::string_view text, size_t base, std::vector<uint32_t>& ends) {
  const TextReader reader(text);
  size_t gap = 0;  // where the text that matched nothing began
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = kMatch(reader, pos);
    if (end == pos) {
      pos += reader.at(pos).size;
      continue;
    }
    if (pos > gap) ends.push_back(static_cast<uint32_t>(base + pos));
    ends.push_back(static_cast<uint32_t>(base + end));
    pos = gap = end;
  }
  if (gap < text.size()) ends.push_back(static_cast<uint32_t>(base + text.size()));
}

// \s+$: no Pattern, as it would scan each run of white space once for each of its characters.
void split_trailing_space(std::string_view text, size_t base, std::vector<uint32_t>& ends) {
  const TextReader reader(text);
  size_t trailing = 0;
  for (size_t pos = 0; pos < text.size();) {
    const ReadChar c = reader.at(pos);
    pos += c.size;
    if (!c.is(kSpace)) trailing = pos;
  }
  if (trailing > 0) ends.push_back(static_cast<uint32_t>(base + trailing));
  if (trailing < text.size()) ends.push_back(static_cast<uint32_t>(base + text.size()));
}

template <CharTest kWanted>
constexpr Splitter kEach = split<match_one<kWanted>>;
template <CharTest kWanted>
constexpr Splitter kRuns = split<match_run<kWanted>>;
template <CharTest kWanted>
constexpr Splitter kSpacedRuns = split<match_spaced_run<kWanted>>;

// clang-format off
constexpr PreTokenizer kPreTokenizers[] = {
    {.name = "default",
     .passes = {kRuns<is_symbol>, split<match_gpt2>, kRuns<is_number>,
                split<match_three_digits>}},
    {.name = "gpt-2", .passes = {split<match_gpt2>}},
    {.name = "starcoder", .passes = {kEach<is_number>, split<match_gpt2>}},
    {.name = "falcon",
     .passes = {kRuns<is_symbol_or_backtick>, split<match_gpt2>, split<match_three_digits>}},
    {.name = "llama3", .passes = {split<match_llama3>}, .whole_words = true, .add_bos = true},
    {.name = "dbrx", .passes = {split<match_llama3>}},
    {.name = "glm4", .passes = {split<match_llama3>}, .whole_words = true},
    {.name = "qwen2", .passes = {split<match_qwen2>}},
    {.name = "qwen35", .passes = {split<match_qwen35>}},
    {.name = "gpt-4o", .passes = {split<match_gpt4o>}},
    {.name = "tekken", .passes = {split<match_tekken>}, .whole_words = true, .add_bos = true},
    {.name = "deepseek-llm",
     .passes = {kEach<is_newline>, kSpacedRuns<is_old_cased>, kSpacedRuns<is_ascii_like>,
                split_trailing_space, kRuns<is_east_asian>, kRuns<is_number>}},
    {.name = "deepseek-coder",
     .passes = {kEach<is_newline>, kSpacedRuns<is_letter>, kSpacedRuns<is_punctuation>,
                kRuns<is_east_asian>, kEach<is_number>}},
    {.name = "deepseek-v3",
     .passes = {split<match_three_numbers>, kRuns<is_han_kana>, split<match_deepseek3_words>}},
    {.name = "bloom", .passes = {split<match_bloom>}},
    {.name = "viking", .passes = {split<match_bloom>, kEach<is_number>}},
    {.name = "gemma4", .passes = {kRuns<is_line_feed>}},
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

void PreTokenizer::split(std::string_view text, std::vector<uint32_t>& ends) const {
  ends.clear();
  if (text.empty()) return;
  ends.push_back(static_cast<uint32_t>(text.size()));
  std::vector<uint32_t> finer;
  for (const Splitter pass : passes) {
    if (pass == nullptr) return;
    finer.clear();
    size_t begin = 0;
    for (const uint32_t end : ends) {
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
