#include "tokenizer/spm.h"

#include "tokenizer/merge_pieces.h"

#include <bit>

namespace samovar::tokenizer {
namespace {

// Best score first: maps floats to integers in falling order. Scores are numbers (Vocabulary
// checks).
uint32_t priority_of(float score) {
  const auto bits = std::bit_cast<uint32_t>(score + 0.0F);  // -0 becomes 0
  const uint32_t ascending = (bits & 0x8000'0000U) != 0 ? ~bits : bits | 0x8000'0000U;
  return ~ascending;
}

// Does a U+2581 at `mark` come after other text than another one?
bool follows_text(std::string_view text, size_t mark) {
  return mark > 0 && !text.substr(0, mark).ends_with(kSpaceMark);
}

}  // namespace

struct Spm::Scratch {
  std::vector<Piece> pieces;
  std::vector<Join> joins;
};

Spm::Spm(const Vocabulary& vocabulary) : vocabulary_(&vocabulary) {
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const std::string_view text = vocabulary.text(static_cast<Token>(i));
    size_t mark = text.find(kSpaceMark, 1);
    for (; mark != text.npos; mark = text.find(kSpaceMark, mark + 1)) {
      if (follows_text(text, mark)) joins_space_[static_cast<uint8_t>(text[mark - 1])] = true;
    }
  }
}

void Spm::encode(std::string_view text, std::vector<Token>& out) const {
  std::string escaped;
  append_space_escaped(text, escaped);
  Scratch scratch;
  std::string_view rest = escaped;
  while (!rest.empty()) {
    std::string_view word = rest.substr(0, part_end(rest, 0));
    rest.remove_prefix(word.size());
    while (!word.empty()) {
      const size_t size = first_part(word);
      encode_part(word.substr(0, size), scratch, out);
      word.remove_prefix(size);
    }
  }
}

// Where the part that starts at `begin` may end: before a U+2581 that no token joins to what
// precedes.
size_t Spm::part_end(std::string_view text, size_t begin) const {
  size_t mark = text.find(kSpaceMark, begin + 1);
  for (; mark != text.npos; mark = text.find(kSpaceMark, mark + 1)) {
    if (follows_text(text, mark) && !joins_space_[static_cast<uint8_t>(text[mark - 1])])
      return mark;
  }
  return text.size();
}

void Spm::encode_part(std::string_view part, Scratch& scratch, std::vector<Token>& out) const {
  cut_into_characters(*vocabulary_, part, scratch.pieces);
  merge_pieces(
      scratch.pieces,
      [&](const Piece& left, const Piece& right) { return join(part, left, right); },
      scratch.joins);
  append_tokens(*vocabulary_, part, scratch.pieces, out);
}

Join Spm::join(std::string_view part, const Piece& left, const Piece& right) const {
  const Token token = find_plain(*vocabulary_, part.substr(left.begin, left.size + right.size));
  if (token == kNoToken) return Join::none();
  return {priority_of(vocabulary_->score(token)), token};
}

}  // namespace samovar::tokenizer
