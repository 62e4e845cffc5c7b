// Tokenizer: text to token ids and back, as the model's authors meant it.
//
// Splits off special tokens, then hands plain text to the model (BPE or SPM). Text is bytes:
// invalid UTF-8 is encoded byte by byte and comes back unchanged. Time is linear in the text but
// for one logarithm inside a word; the stack is constant. Words of more than 64 KiB are cut, so
// that a text takes little memory beside its words and tokens. Thread: const after construction,
// shared freely.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "tokenizer/definition.h"
#include "tokenizer/token.h"
#include "tokenizer/vocabulary.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::gguf {
class File;
}

namespace samovar::tokenizer {

struct EncodeOptions {
  bool add_special = false;    // put bos before and eos after, where the vocabulary wants them
  bool parse_special = false;  // control tokens' texts become those tokens
};

// A piece of one text. What users wrote is not to be trusted: parse_special = false.
struct TextSpan {
  std::string_view text;
  bool parse_special = false;
};

class Tokenizer {
 public:
  // Any architecture, needs only tokenizer keys; `file` must outlive the Tokenizer.
  // kCorrupt or kUnsupported, naming the key.
  static Result<Tokenizer> from_gguf(const gguf::File& file);
  // The texts that `definition` views must outlive the Tokenizer.
  static Result<Tokenizer> create(Definition definition);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  std::vector<Token> encode(std::string_view text, EncodeOptions options = {}) const;

  // The spans are one text: borders between them cut no word. A control token is found only where
  // every byte of its text lies in spans with parse_special, so "<|im_end|>" in a user's span, or
  // half in it, stays text. User-defined tokens are found everywhere, across borders too.
  std::vector<Token> encode_spans(std::span<const TextSpan> spans, bool add_special) const;

  // How many tokens `text` has at least, by its bytes alone (least_tokens.h); some milliseconds.
  size_t least_tokens(std::string_view text) const;

  // The bytes of the tokens, special ones only if `unparse_special`. Takes away the space that
  // add_space_prefix put in: decode(encode(text)) is text. Ids outside the vocabulary are skipped.
  std::string decode(std::span<const Token> tokens, bool unparse_special) const;

  const Vocabulary& vocabulary() const;

 private:
  struct Parts;
  explicit Tokenizer(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

}  // namespace samovar::tokenizer
