#include "tokenizer/bpe.h"

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/merge_pieces.h"
#include "tokenizer/utf8.h"

namespace samovar::tokenizer {

struct Bpe::Scratch {
  std::vector<Piece> pieces;
  std::vector<Join> joins;
  std::string alphabet_text;
};

Result<std::unique_ptr<const TextModel>> Bpe::create(std::span<const std::string_view> merges,
                                                     const PreTokenizer& pre_tokenizer,
                                                     const Vocabulary& vocabulary) {
  SAMOVAR_ASSIGN(MergeTable table, MergeTable::build(merges, vocabulary));
  return std::unique_ptr<const TextModel>(new Bpe(std::move(table), pre_tokenizer, vocabulary));
}

void Bpe::encode(std::string_view text, std::vector<Token>& out) const {
  std::string escaped;
  if (!is_byte_level()) {
    append_space_escaped(text, escaped);
    text = escaped;
  }
  std::vector<size_t> ends;
  pre_tokenizer_->split(text, ends);
  Scratch scratch;
  size_t begin = 0;
  for (const size_t end : ends) {
    while (begin < end) {
      const size_t size = first_part(text.substr(begin, end - begin));
      encode_word(text.substr(begin, size), scratch, out);
      begin += size;
    }
  }
}

void Bpe::encode_word(std::string_view word, Scratch& scratch, std::vector<Token>& out) const {
  if (const Token token = whole_word(word, scratch); token != kNoToken) {
    out.push_back(token);
    return;
  }
  if (is_byte_level()) {
    cut_into_bytes(word, scratch.pieces);
  } else {
    cut_into_characters(*vocabulary_, word, scratch.pieces);
  }
  const auto join = [this](const Piece& left, const Piece& right) {
    if (left.token == kNoToken || right.token == kNoToken) return Join::none();
    return merges_.find(left.token, right.token);
  };
  merge_pieces(scratch.pieces, join, scratch.joins);
  append_tokens(*vocabulary_, word, scratch.pieces, out);
}

// The token that `word` becomes without merging, if there is one.
Token Bpe::whole_word(std::string_view word, Scratch& scratch) const {
  // Gemma 4's merges do not build its tokens for several newlines.
  if (!is_byte_level()) return word.front() == '\n' ? find_plain(*vocabulary_, word) : kNoToken;
  if (!pre_tokenizer_->whole_words) return kNoToken;
  scratch.alphabet_text.clear();
  for (const char c : word)
    append_utf8(kByteToCode[static_cast<uint8_t>(c)], scratch.alphabet_text);
  return find_plain(*vocabulary_, scratch.alphabet_text);
}

void Bpe::cut_into_bytes(std::string_view word, std::vector<Piece>& pieces) const {
  pieces.clear();
  pieces.reserve(word.size());
  for (size_t i = 0; i < word.size(); ++i) {
    const auto token = vocabulary_->byte_token(static_cast<uint8_t>(word[i]));
    pieces.push_back({static_cast<uint32_t>(i), 1, token.value_or(kNoToken)});
  }
}

}  // namespace samovar::tokenizer
