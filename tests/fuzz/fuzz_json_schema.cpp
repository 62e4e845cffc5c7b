// Any bytes as a JSON Schema and, behind a zero byte, what chooses a text of its grammar. A text
// that is complete must be JSON.
// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "grammar/grammar.h"
#include "json/json.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using samovar::grammar::Grammar;
using samovar::grammar::Limits;
using samovar::grammar::Matcher;

const samovar::FakeClock kClock;
const Limits kLimits{.max_states = 20'000, .max_edges = 100'000, .clock = &kClock};

// The first byte at or after `wish` that the grammar takes, in a circle.
bool append_byte(Matcher& matcher, uint8_t wish, std::string& text) {
  for (int i = 0; i < 256; ++i) {
    const char byte = static_cast<char>(wish + i);
    Matcher copy = matcher;
    if (!copy.accept(std::string_view(&byte, 1))) continue;
    matcher = copy;
    text += byte;
    return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t zero = bytes.find('\0');
  const auto schema = samovar::json::parse(bytes.substr(0, zero));
  if (!schema.ok()) return 0;
  const auto grammar = Grammar::from_json_schema(*schema, {}, kLimits);
  if (!grammar.ok()) return 0;
  Matcher matcher = grammar->matcher();
  std::string text;
  const std::string_view choices = zero == std::string_view::npos ? "" : bytes.substr(zero + 1);
  for (const char choice : choices.substr(0, 200)) {
    if (!append_byte(matcher, static_cast<uint8_t>(choice), text)) break;
    if (matcher.can_end() && !samovar::json::parse(text).ok()) __builtin_trap();
  }
  // Every state that is alive can go on or end.
  std::string more;
  if (!matcher.can_end() && !append_byte(matcher, 0, more)) __builtin_trap();
  return 0;
}
