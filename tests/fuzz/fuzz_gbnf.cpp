// Any bytes as a GBNF grammar and, behind a zero byte, a text for it.
// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "grammar/grammar.h"
#include "grammar/token_masks.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace {

using samovar::grammar::Grammar;
using samovar::grammar::Limits;
using samovar::grammar::Matcher;
using samovar::grammar::TokenMasks;
using samovar::grammar::TokenText;
using samovar::grammar::TokenTrie;

// Small, so that a run is one of many thousands; the clock stands still.
const samovar::FakeClock kClock;
const Limits kLimits{
    .max_source_bytes = 1 << 16, .max_states = 20'000, .max_edges = 100'000, .clock = &kClock};

const std::vector<TokenText> kTokens{{"a"},    {"b"},        {"ab"}, {"\""},  {"\"a"}, {"("},
                                     {"(("},   {"1"},        {"12"}, {" "},   {"\n"},  {"\xc3"},
                                     {"\xa9"}, {"\xc3\xa9"}, {"x"},  {"abab"}};

// The mask must hold exactly the tokens that the matcher takes.
void check_mask(TokenMasks& masks, const Matcher& matcher) {
  const auto mask = masks.allowed(matcher);
  if (!mask.ok()) return;
  for (size_t t = 0; t < kTokens.size(); ++t) {
    Matcher copy = matcher;
    const bool is_allowed = ((*mask)[0] >> t & 1) != 0;
    if (copy.accept(kTokens[t].bytes) != is_allowed) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto trie = std::make_shared<const TokenTrie>(kTokens);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t zero = bytes.find('\0');
  const auto grammar = Grammar::parse_gbnf(bytes.substr(0, zero), kLimits);
  if (!grammar.ok()) return 0;
  TokenMasks masks(trie, {.max_bytes = 1 << 20, .max_work = 100'000});
  Matcher matcher = grammar->matcher();
  check_mask(masks, matcher);
  std::string_view text = zero == std::string_view::npos ? "" : bytes.substr(zero + 1);
  for (const char c : text.substr(0, 64)) {
    if (!matcher.accept(std::string_view(&c, 1))) break;
    check_mask(masks, matcher);
  }
  return 0;
}
