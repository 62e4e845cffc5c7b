#include "engine/track.h"

#include <algorithm>

namespace samovar::engine {

Result<Track> Track::create(const LoadedModel& model, const kernels::KernelTable& kernels,
                            const TrackOptions& options, Ledger& ledger, ThreadPool& pool) {
  const int64_t n_pages = (options.n_tokens + model::kPageTokens - 1) / model::kPageTokens;
  const model::ModelConfig& config = model.model().config();
  Track track(model, kernels, options.step_rows, pool);
  SAMOVAR_ASSIGN(track.kv_, model::KvCache::create(config, options.kv_type,
                                                   options.n_sequences * n_pages, ledger));
  SAMOVAR_ASSIGN(
      track.workspace_,
      model::Workspace::create(
          config, {.max_rows = options.step_rows, .max_logit_rows = options.n_sequences}, ledger));
  track.pages_.resize(static_cast<size_t>(options.n_sequences));
  for (model::PageTable& pages : track.pages_) {
    for (int64_t i = 0; i < n_pages; ++i) pages.push_back(*track.kv_->allocate());
  }
  return track;
}

void Track::add_row(int64_t sequence, int64_t position, bool wants_logits) {
  const auto n_vocab = static_cast<uint64_t>(model_->model().config().n_vocab);
  batch_.rows.push_back({.token = static_cast<int32_t>(rng_.next_below(n_vocab)),
                         .position = static_cast<int32_t>(position),
                         .sequence = static_cast<int32_t>(sequence),
                         .wants_logits = wants_logits});
}

Status Track::step() {
  batch_.sequences.clear();
  for (const model::PageTable& pages : pages_) batch_.sequences.push_back({&pages});
  SAMOVAR_TRY(model::forward(model_->model(), *kernels_, batch_, *kv_, *workspace_, *pool_));
  batch_.rows.clear();
  return {};
}

Status Track::prompt(int64_t first, int64_t n) {
  for (int64_t done = 0; done < n; done += step_rows_) {
    const int64_t n_rows = std::min(step_rows_, n - done);
    for (int64_t i = 0; i < n_rows; ++i) add_row(0, first + done + i, i + 1 == n_rows);
    SAMOVAR_TRY(step());
  }
  return {};
}

Status Track::generate(int64_t first, int64_t n) {
  for (int64_t position = first; position < first + n; ++position) {
    for (size_t i = 0; i < pages_.size(); ++i) add_row(static_cast<int64_t>(i), position, true);
    SAMOVAR_TRY(step());
  }
  return {};
}

}  // namespace samovar::engine
