#include "engine/benchmark.h"

#include "base/clock.h"
#include "engine/track.h"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace samovar::engine {
namespace {

class Benchmark {
 public:
  Benchmark(const LoadedModel& model, const kernels::KernelTable& kernels,
            const BenchmarkOptions& options)
      : model_(model), kernels_(kernels), options_(options), pool_(options.n_threads) {}

  Result<BenchmarkReport> run() {
    report_.weight_bytes_per_token = model_.model().bytes_per_token();
    SAMOVAR_TRY(run_depths());
    for (const int64_t n_sequences : options_.batches) SAMOVAR_TRY(run_batch(n_sequences));
    report_.ceilings.raise_to(measure_ceilings(model_, kernels_, pool_));
    return std::move(report_);
  }

 private:
  Status run_depths();
  Status run_depth(Track& track, int64_t depth);
  Status run_batch(int64_t n_sequences);
  // `n_tokens` of all sequences together go through one call of `body`.
  Status measure(std::string test, TokenWork work, int64_t n_tokens,
                 const std::function<Status()>& body);

  const LoadedModel& model_;
  const kernels::KernelTable& kernels_;
  const BenchmarkOptions& options_;
  ThreadPool pool_;
  Ledger ledger_;
  BenchmarkReport report_;
};

Status Benchmark::measure(std::string test, TokenWork work, int64_t n_tokens,
                          const std::function<Status()>& body) {
  if (n_tokens == 0) return {};
  BenchmarkResult result{.test = std::move(test), .tokens_per_second = {}, .work = work};
  SAMOVAR_TRY(body());  // warm-up
  for (int i = 0; i < options_.repetitions; ++i) {
    const int64_t start_us = system_clock().monotonic_us();
    SAMOVAR_TRY(body());
    const int64_t elapsed_us = std::max<int64_t>(1, system_clock().monotonic_us() - start_us);
    result.tokens_per_second.push_back(static_cast<double>(n_tokens) * 1e6 /
                                       static_cast<double>(elapsed_us));
  }
  report_.results.push_back(std::move(result));
  return {};
}

Status Benchmark::run_depths() {
  std::vector<int64_t> depths = options_.depths;
  std::sort(depths.begin(), depths.end());
  const int64_t deepest = depths.empty() ? 0 : depths.back();
  const int64_t n_tokens = deepest + std::max({options_.n_prompt, options_.n_generate, int64_t{1}});
  const int64_t start_us = system_clock().monotonic_us();
  SAMOVAR_ASSIGN(Track track, Track::create(model_, kernels_,
                                            {.n_tokens = n_tokens,
                                             .step_rows = options_.step_rows,
                                             .kv_type = options_.kv_type},
                                            ledger_, pool_));
  SAMOVAR_TRY(track.prompt(0, 1));
  report_.first_token_us = system_clock().monotonic_us() - start_us;
  report_.ceilings = measure_ceilings(model_, kernels_, pool_);
  int64_t filled = 0;
  for (const int64_t depth : depths) {
    SAMOVAR_TRY(track.prompt(filled, depth - filled));
    filled = depth;
    SAMOVAR_TRY(run_depth(track, depth));
  }
  return {};
}

Status Benchmark::run_depth(Track& track, int64_t depth) {
  const std::string suffix = depth > 0 ? fmt::format("@d{}", depth) : "";
  const int64_t n_prompt = options_.n_prompt, n_generate = options_.n_generate;
  SAMOVAR_TRY(
      measure(fmt::format("pp{}{}", n_prompt, suffix),
              prompt_work(model_.model(), options_.kv_type, depth, n_prompt, options_.step_rows),
              n_prompt, [&] { return track.prompt(depth, n_prompt); }));
  return measure(fmt::format("tg{}{}", n_generate, suffix),
                 generation_work(model_.model(), options_.kv_type, depth, n_generate, 1),
                 n_generate, [&] { return track.generate(depth, n_generate); });
}

Status Benchmark::run_batch(int64_t n_sequences) {
  if (n_sequences < 1) return invalid_argument("a batch of no sequences");
  const int64_t n = options_.n_generate;
  SAMOVAR_ASSIGN(Track track, Track::create(model_, kernels_,
                                            {.n_sequences = n_sequences,
                                             .n_tokens = std::max(n, int64_t{1}),
                                             .step_rows = n_sequences,
                                             .kv_type = options_.kv_type},
                                            ledger_, pool_));
  return measure(fmt::format("tg{}@b{}", n, n_sequences),
                 generation_work(model_.model(), options_.kv_type, 0, n, n_sequences),
                 n * n_sequences, [&] { return track.generate(0, n); });
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
  return Benchmark(model, kernels, options).run();
}

}  // namespace samovar::engine
