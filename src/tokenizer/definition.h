// Definition: what a file's tokenizer keys say, read but not yet judged.
//
// The one place that knows the names of tokenizer.ggml.* keys. Tests fill a Definition by hand.
// BORROWS all texts from the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "tokenizer/token.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace samovar::gguf {
class File;
}

namespace samovar::tokenizer {

struct Definition {
  std::string_view model;                // "llama" (SPM), "gpt2", "gemma4" (both BPE)
  std::string_view pre;                  // pre-tokenizer of a BPE model; empty: absent
  std::vector<std::string_view> texts;   // by id
  std::vector<TokenKind> kinds;          // by id; empty: all kNormal
  std::vector<float> scores;             // by id; empty: all 0
  std::vector<std::string_view> merges;  // "left right", best first
  std::array<std::optional<int64_t>, kSpecialCount> specials;  // ids as given, unchecked
  std::optional<bool> add_bos;
  std::optional<bool> add_eos;
  std::optional<bool> add_space_prefix;
  bool strip_after_special = false;  // white space after a special token is dropped (Phi-3)
};

// The key that gives a special part: "tokenizer.ggml.bos_token_id", ...
std::string_view special_key(Special part);

// Any architecture; needs only the tokenizer keys. kCorrupt for keys of another type or a missing
// vocabulary, kUnsupported for a tokenizer model that is not built; both name the key.
Result<Definition> read_definition(const gguf::File& file);

}  // namespace samovar::tokenizer
