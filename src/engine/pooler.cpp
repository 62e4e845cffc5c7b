#include "engine/pooler.h"

#include <utility>

namespace samovar::engine {

using model::Pooling;

Pooler::Pooler(Pooling pooling, int64_t n_tokens)
    : pooling_(pooling), n_tokens_(n_tokens), rows_(std::make_shared<std::vector<float>>()) {}

bool Pooler::wants(int64_t position) const {
  switch (pooling_) {
    case Pooling::kCls:
      return position == 0;
    case Pooling::kLast:
      return position == n_tokens_ - 1;
    case Pooling::kNone:
    case Pooling::kMean:
      break;
  }
  return true;
}

void Pooler::add(std::span<const float> state) {
  const size_t n_rows = pooling_ == Pooling::kNone ? static_cast<size_t>(n_tokens_) : 1;
  rows_->reserve(n_rows * state.size());
  if (pooling_ != Pooling::kMean) {
    rows_->insert(rows_->end(), state.begin(), state.end());
    return;
  }
  sum_.resize(state.size());
  for (size_t i = 0; i < state.size(); ++i) sum_[i] += double{state[i]};
}

std::shared_ptr<const std::vector<float>> Pooler::take() {
  for (const double sum : sum_) {
    rows_->push_back(static_cast<float>(sum / static_cast<double>(n_tokens_)));
  }
  return std::exchange(rows_, nullptr);
}

}  // namespace samovar::engine
