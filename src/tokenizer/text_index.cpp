#include "tokenizer/text_index.h"

#include "tokenizer/hash.h"

#include <algorithm>
#include <array>
#include <bit>

namespace samovar::tokenizer {
namespace {

uint32_t tag_of(uint64_t hash) {
  return static_cast<uint32_t>(hash >> 32);
}

}  // namespace

std::optional<std::pair<Token, Token>> TextIndex::build(std::span<const std::string_view> texts) {
  slots_.assign(table_size(texts.size()), Slot{0, kEmpty});
  mask_ = slots_.size() - 1;
  std::array<uint64_t, kAtOnce> hashes{};
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i % kAtOnce == 0) {
      const size_t n = std::min(kAtOnce, texts.size() - i);
      for (size_t k = 0; k < n; ++k) hashes[k] = prefetch(texts[i + k]);
    }
    if (texts[i].empty()) continue;
    const uint64_t hash = hashes[i % kAtOnce];
    size_t at = hash & mask_;
    for (; slots_[at].position != kEmpty; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.tag == tag_of(hash) && texts[static_cast<size_t>(slot.position)] == texts[i]) {
        return std::pair(slot.position, static_cast<Token>(i));
      }
    }
    slots_[at] = {tag_of(hash), static_cast<Token>(i)};
  }
  return std::nullopt;
}

uint64_t TextIndex::prefetch(std::string_view text) const {
  const uint64_t hash = hash_text(text);
  __builtin_prefetch(&slots_[hash & mask_]);
  return hash;
}

std::optional<Token> TextIndex::find(std::string_view text, uint64_t hash,
                                     std::span<const std::string_view> texts) const {
  if (text.empty()) return std::nullopt;
  for (size_t at = hash & mask_; slots_[at].position != kEmpty; at = (at + 1) & mask_) {
    const Slot& slot = slots_[at];
    if (slot.tag == tag_of(hash) && texts[static_cast<size_t>(slot.position)] == text) {
      return slot.position;
    }
  }
  return std::nullopt;
}

}  // namespace samovar::tokenizer
