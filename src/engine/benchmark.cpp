#include "engine/benchmark.h"

#include "base/clock.h"
#include "base/rng.h"
#include "base/thread_pool.h"
#include "model/model.h"
#include "sys/bandwidth.h"
#include "sys/mapped_file.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::engine {
namespace {

// One sequence of random tokens that can be run forward and taken back.
class Track {
 public:
  static Result<Track> create(const LoadedModel& model, const kernels::KernelTable& kernels,
                              const BenchmarkOptions& options, Ledger& ledger, ThreadPool& pool) {
    const int64_t n_tokens = options.depth + std::max(options.n_prompt, options.n_generate);
    const int64_t n_pages = (n_tokens + model::kPageTokens - 1) / model::kPageTokens;
    Track track(model, kernels, pool);
    const model::ModelConfig& config = model.model().config();
    SAMOVAR_ASSIGN(track.kv_, model::KvCache::create(config, options.kv_type, n_pages, ledger));
    SAMOVAR_ASSIGN(track.workspace_, model::Workspace::create(config,
                                                              {.max_rows = options.batch_rows,
                                                               .max_logit_rows = 1,
                                                               .n_threads = options.n_threads},
                                                              ledger));
    for (int64_t i = 0; i < n_pages; ++i) track.pages_.push_back(*track.kv_->allocate());
    return track;
  }

  // Positions first..first+n-1, in steps of at most `rows`; the last row of each step wants logits.
  Status run(int64_t first, int64_t n, int64_t rows) {
    const auto n_vocab = static_cast<uint64_t>(model_->model().config().n_vocab);
    for (int64_t done = 0; done < n; done += rows) {
      batch_.rows.clear();
      batch_.sequences = {&pages_};
      const int64_t step = std::min(rows, n - done);
      for (int64_t i = 0; i < step; ++i) {
        batch_.rows.push_back({.token = static_cast<int32_t>(rng_.next_below(n_vocab)),
                               .position = static_cast<int32_t>(first + done + i),
                               .sequence = 0,
                               .wants_logits = i + 1 == step});
      }
      SAMOVAR_TRY(model::forward(model_->model(), *kernels_, batch_, *kv_, *workspace_, *pool_));
    }
    return {};
  }

 private:
  Track(const LoadedModel& model, const kernels::KernelTable& kernels, ThreadPool& pool)
      : model_(&model), kernels_(&kernels), pool_(&pool) {}
  const LoadedModel* model_;
  const kernels::KernelTable* kernels_;
  ThreadPool* pool_;
  std::optional<model::KvCache> kv_;
  std::optional<model::Workspace> workspace_;
  model::PageTable pages_;
  model::Batch batch_;
  Rng rng_{1};
};

Result<BenchmarkResult> measure(Track& track, std::string name, int64_t depth, int64_t n,
                                int64_t rows, int repetitions) {
  BenchmarkResult result{.test = std::move(name), .tokens_per_second = {}};
  if (depth > 0) result.test += fmt::format("@d{}", depth);
  for (int i = 0; i <= repetitions; ++i) {
    const int64_t start_us = system_clock().monotonic_us();
    SAMOVAR_TRY(track.run(depth, n, rows));
    const auto elapsed_us = static_cast<double>(system_clock().monotonic_us() - start_us);
    if (i > 0)
      result.tokens_per_second.push_back(static_cast<double>(n) * 1e6 / elapsed_us);  // 0: warm-up
  }
  return result;
}

}  // namespace

double BenchmarkResult::median() const {
  std::vector<double> sorted = tokens_per_second;
  if (sorted.empty()) return 0;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end());
  return *middle;
}

Result<BenchmarkReport> run_benchmark(const LoadedModel& model, const kernels::KernelTable& kernels,
                                      const BenchmarkOptions& options) {
  ThreadPool pool(options.n_threads);
  Ledger ledger;
  BenchmarkReport report;
  report.bytes_per_token = model.model().bytes_per_token();
  for (const auto& mapping : model.file().mappings()) {
    report.read_bytes_per_second =
        std::max(report.read_bytes_per_second, sys::read_bytes_per_second(mapping->bytes(), pool));
  }
  SAMOVAR_ASSIGN(Track track, Track::create(model, kernels, options, ledger, pool));
  if (options.depth > 0) SAMOVAR_TRY(track.run(0, options.depth, options.batch_rows));
  if (options.n_prompt > 0) {
    SAMOVAR_ASSIGN(auto result, measure(track, fmt::format("pp{}", options.n_prompt), options.depth,
                                        options.n_prompt, options.batch_rows, options.repetitions));
    report.results.push_back(std::move(result));
  }
  if (options.n_generate > 0) {
    SAMOVAR_ASSIGN(auto result, measure(track, fmt::format("tg{}", options.n_generate),
                                        options.depth, options.n_generate, 1, options.repetitions));
    report.results.push_back(std::move(result));
  }
  return report;
}

}  // namespace samovar::engine
