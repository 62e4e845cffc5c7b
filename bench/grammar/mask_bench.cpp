// mask_bench MODEL.gguf: what masks cost with the vocabulary of a model.
//
// Follows sample texts token by token, twice: with nothing kept, then with everything kept. The
// first time of each text is the price of a grammar never seen before.
// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "gguf/file.h"
#include "grammar/grammar.h"
#include "grammar/token_masks.h"
#include "json/json.h"
#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace samovar {
namespace {

using grammar::Grammar;
using grammar::Matcher;
using grammar::TokenMasks;
using grammar::TokenRole;
using grammar::TokenText;
using grammar::TokenTrie;

constexpr std::string_view kJson = R"({
  "name": "Ada Lovelace", "born": 1815, "tags": ["mathematician", "writer", "she said \"hello\""],
  "work": {"title": "Notes on the Analytical Engine", "pages": [1, 2, 3.5e2], "caf\u00e9": null}
})";
constexpr std::string_view kSchema = R"({
  "type": "object", "required": ["name", "born", "tags"], "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 200},
    "born": {"type": "integer", "minimum": 1000, "maximum": 2100},
    "died": {"type": "string", "format": "date"},
    "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 20},
    "work": {"type": "object", "additionalProperties": true, "properties": {
      "title": {"type": "string"}, "pages": {"type": "array", "items": {"type": "number"}}}}}})";
constexpr std::string_view kWords = R"(root ::= w (" " w)*
w ::= [a-zA-Z,.]+ | "<" w ">")";
constexpr std::string_view kFox = "The quick brown fox jumps over the lazy dog, twice.";

enum class Source { kGbnf, kJsonSchema };
struct Case {
  std::string_view name;
  Source source;
  std::string_view grammar, text;
};
const std::vector<Case> kCases{
    {"any JSON object", Source::kJsonSchema, R"({"type": "object"})", kJson},
    {"schema of five properties", Source::kJsonSchema, kSchema, kJson},
    {"text without end", Source::kGbnf, "root ::= .*", kFox},
    {"text of up to 400 characters", Source::kGbnf, "root ::= .{0,400}", kFox},
    {"rules that end at any letter", Source::kGbnf, kWords, kFox},
};

Result<Grammar> make_grammar(const Case& c) {
  if (c.source == Source::kGbnf) return Grammar::parse_gbnf(c.grammar);
  SAMOVAR_ASSIGN(const json::Value schema, json::parse(c.grammar));
  return Grammar::from_json_schema(schema);
}

double ms_since(int64_t start_us) {
  return static_cast<double>(system_clock().monotonic_us() - start_us) / 1000.0;
}

std::shared_ptr<const TokenTrie> make_trie(const tokenizer::Vocabulary& vocabulary) {
  std::vector<std::string> texts;
  std::vector<TokenText> tokens;
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    texts.push_back(vocabulary.bytes(static_cast<tokenizer::Token>(i)));
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto token = static_cast<tokenizer::Token>(i);
    const bool is_control = vocabulary.kind(token) == tokenizer::TokenKind::kControl;
    const bool ends = vocabulary.is_end_of_generation(token);
    tokens.push_back({texts[i], ends         ? TokenRole::kEnd
                                : is_control ? TokenRole::kControl
                                             : TokenRole::kText});
  }
  const int64_t start = system_clock().monotonic_us();
  auto trie = std::make_shared<const TokenTrie>(tokens);
  fmt::print("trie: {} tokens, {} nodes, {:.1f} MiB, {:.0f} ms\n", trie->n_vocab(),
             trie->nodes().size(), static_cast<double>(trie->memory_bytes()) / (1 << 20),
             ms_since(start));
  return trie;
}

void show(std::string_view what, std::vector<double> times_ms) {
  std::sort(times_ms.begin(), times_ms.end());
  double sum = 0;
  for (const double ms : times_ms) sum += ms;
  fmt::print("  {:<9} mean {:7.4f} ms, median {:7.4f}, worst {:7.4f}\n", what,
             sum / static_cast<double>(times_ms.size()), times_ms[times_ms.size() / 2],
             times_ms.back());
}

Status run_case(const Case& c, const std::shared_ptr<const TokenTrie>& trie,
                const tokenizer::Tokenizer& tokenizer) {
  const int64_t start = system_clock().monotonic_us();
  SAMOVAR_ASSIGN(const Grammar grammar, make_grammar(c));
  const double compile_ms = ms_since(start);
  const auto tokens = tokenizer.encode(c.text);
  TokenMasks masks(trie);
  fmt::print("{}: compiled in {:.2f} ms, {} KiB, {} tokens\n", c.name, compile_ms,
             grammar.memory_bytes() / 1024, tokens.size());
  for (const std::string_view what : {"new", "kept"}) {
    std::vector<double> mask_ms, accept_ms;
    Matcher matcher = grammar.matcher();
    for (const tokenizer::Token token : tokens) {
      const int64_t before = system_clock().monotonic_us();
      const auto mask = masks.allowed(matcher);
      mask_ms.push_back(ms_since(before));
      if (!mask.ok()) return mask.status();
      const auto t = static_cast<size_t>(token);
      if (((*mask)[t / 32] >> (t % 32) & 1) == 0) return internal_error("a token is not allowed");
      const int64_t middle = system_clock().monotonic_us();
      matcher.accept(tokenizer.vocabulary().bytes(token));
      accept_ms.push_back(ms_since(middle));
    }
    show(what, mask_ms);
    if (what == "kept") show("accept", accept_ms);
  }
  const grammar::MaskStats stats = masks.stats();
  fmt::print("  {} computed, {} parts, {:.1f} MiB\n", stats.n_computed, stats.n_parts,
             static_cast<double>(stats.memory_bytes) / (1 << 20));
  return {};
}

Status run(const std::string& path) {
  SAMOVAR_ASSIGN(const gguf::File file, gguf::File::open(path, gguf::Scope::kMetadata));
  SAMOVAR_ASSIGN(const auto tokenizer, tokenizer::Tokenizer::from_gguf(file));
  const auto trie = make_trie(tokenizer.vocabulary());
  for (const Case& c : kCases) SAMOVAR_TRY(run_case(c, trie, tokenizer));
  return {};
}

}  // namespace
}  // namespace samovar

int main(int argc, char** argv) {
  const samovar::Status status =
      argc == 2 ? samovar::run(argv[1]) : samovar::invalid_argument("usage: mask_bench MODEL.gguf");
  if (!status.ok()) fmt::print(stderr, "{}\n", status.message());
  return status.ok() ? 0 : 1;
}
