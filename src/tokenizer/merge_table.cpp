#include "tokenizer/merge_table.h"

#include "tokenizer/hash.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace samovar::tokenizer {
namespace {

constexpr std::string_view kKey = "tokenizer.ggml.merges";
constexpr size_t kAtOnce = TextIndex::kAtOnce;

uint64_t hash_pair(Token left, Token right) {
  return hash_word(static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right));
}

bool is_concatenation(std::string_view text, std::string_view left, std::string_view right) {
  return text.size() == left.size() + right.size() && text.starts_with(left) &&
         text.ends_with(right);
}

// The token whose text is left + right. Trainers append the result of each merge to the vocabulary,
// so it is mostly the one after `last`, the result before, or, where all splits of a token are
// listed, `last` itself.
std::optional<Token> find_joined(const Vocabulary& vocabulary, std::string_view left,
                                 std::string_view right, Token last) {
  for (const Token guess : {last, last + 1}) {
    if (vocabulary.contains(guess) && is_concatenation(vocabulary.text(guess), left, right)) {
      return guess;
    }
  }
  std::string joined;
  joined.reserve(left.size() + right.size());
  joined.append(left).append(right);
  return vocabulary.find(joined);
}

}  // namespace

Result<MergeTable> MergeTable::build(std::span<const std::string_view> merges,
                                     const Vocabulary& vocabulary) {
  if (merges.size() >= size_t{kEmpty}) {
    return corrupt(
        fmt::format("{}: {} elements, expected less than 2^32 - 1", kKey, merges.size()));
  }
  MergeTable table;
  table.pairs_.reserve(merges.size());
  std::array<Pieces, kAtOnce> pieces;
  for (size_t first = 0; first < merges.size(); first += kAtOnce) {
    const size_t n = std::min(kAtOnce, merges.size() - first);
    for (size_t i = 0; i < n; ++i) {
      SAMOVAR_ASSIGN(pieces[i], cut(merges[first + i], first + i, vocabulary));
    }
    for (size_t i = 0; i < n; ++i) SAMOVAR_TRY(table.add(pieces[i], vocabulary));
  }
  table.slots_.assign(table_size(merges.size()), Slot{0, kEmpty});
  table.mask_ = table.slots_.size() - 1;
  for (size_t rank = 0; rank < merges.size(); ++rank) {
    if (is_plain(vocabulary.kind(table.pairs_[rank].result)))
      table.index(static_cast<uint32_t>(rank));
  }
  return table;
}

Result<MergeTable::Pieces> MergeTable::cut(std::string_view merge, size_t rank,
                                           const Vocabulary& vocabulary) {
  const size_t space = merge.find(' ', 1);  // a piece may itself be a space
  if (space == merge.npos) {
    return corrupt(
        fmt::format("{}: element {}: expected two pieces, found '{}'", kKey, rank, merge));
  }
  const std::string_view left = merge.substr(0, space);
  const std::string_view right = merge.substr(space + 1);
  return Pieces{left, right, vocabulary.prefetch(left), vocabulary.prefetch(right)};
}

Status MergeTable::add(const Pieces& pieces, const Vocabulary& vocabulary) {
  const auto left = vocabulary.find(pieces.left, pieces.left_hash);
  const auto right = vocabulary.find(pieces.right, pieces.right_hash);
  // Trainers append the result of each merge to the vocabulary, so it mostly follows the last
  // one's.
  const Token guess = pairs_.empty() ? kNoToken : pairs_.back().result + 1;
  const auto result = find_joined(vocabulary, pieces.left, pieces.right, guess);
  if (!left || !right || !result) {
    return corrupt(fmt::format("{}: element {}: '{} {}' has a piece or a result that is no token",
                               kKey, pairs_.size(), pieces.left, pieces.right));
  }
  pairs_.push_back({*left, *right, *result});
  return {};
}

void MergeTable::index(uint32_t rank) {
  const Pair& pair = pairs_[rank];
  const uint64_t hash = hash_pair(pair.left, pair.right);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  size_t at = hash & mask_;
  for (; slots_[at].rank != kEmpty; at = (at + 1) & mask_) {
    const Pair& other = pairs_[slots_[at].rank];
    if (other.left == pair.left && other.right == pair.right) return;
  }
  slots_[at] = {tag, rank};
}

Join MergeTable::find(Token left, Token right) const {
  const uint64_t hash = hash_pair(left, right);
  const auto tag = static_cast<uint32_t>(hash >> 32);
  for (size_t at = hash & mask_; slots_[at].rank != kEmpty; at = (at + 1) & mask_) {
    if (slots_[at].tag != tag) continue;
    const Pair& pair = pairs_[slots_[at].rank];
    if (pair.left == left && pair.right == right) return {slots_[at].rank, pair.result};
  }
  return Join::none();
}

}  // namespace samovar::tokenizer
