#include "engine/ngram_drafter.h"

#include <algorithm>
#include <bit>

namespace samovar::engine {
namespace {

// 64-bit FNV-1a over whole tokens.
size_t hash(std::span<const int32_t> tokens) {
  uint64_t h = 0xcbf29ce484222325U;
  for (const int32_t token : tokens) h = (h ^ static_cast<uint32_t>(token)) * 0x100000001b3U;
  return static_cast<size_t>(h ^ (h >> 29U));
}

}  // namespace

NgramDrafter::NgramDrafter(size_t n_tokens) {
  text_.reserve(n_tokens);
  ends_.assign(std::bit_ceil(std::max<size_t>(2 * n_tokens, 16)), 0);
}

void NgramDrafter::accept(int32_t token) {
  if (has_guess()) {
    const float hit = text_[guess_] == token ? 1.0F : 0.0F;
    hit_rate_ += (hit - hit_rate_) / 16;
  }
  text_.push_back(token);
  guess_ = 0;
  if (text_.size() < kGram) return;
  const auto gram = std::span<const int32_t>(text_).last(kGram);
  uint32_t& end = ends_[hash(gram) & (ends_.size() - 1)];
  if (end != 0 &&
      std::ranges::equal(gram, std::span<const int32_t>(text_).subspan(end - kGram, kGram))) {
    guess_ = end;
  }
  end = static_cast<uint32_t>(text_.size());
}

std::span<const int32_t> NgramDrafter::draft(size_t max) const {
  if (!has_guess()) return {};
  size_t n = 0;
  for (float held = hit_rate_; held >= kWorth && n < max; held *= hit_rate_) ++n;
  return std::span<const int32_t>(text_).subspan(guess_, std::min(n, text_.size() - guess_));
}

}  // namespace samovar::engine
