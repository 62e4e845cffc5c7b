// samovar bench: prompt and generation speed next to the machine's own read speed.
#include "base/clock.h"
#include "cli/command.h"
#include "cli/isa_choice.h"
#include "cli/session.h"
#include "engine/benchmark.h"
#include "json/json.h"
#include "kernels/select.h"
#include "sys/memory.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class Bench final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &model_, "a name that `samovar list` shows, or a path");
    flags.add("-p,--n-prompt", &options_.n_prompt, "tokens of the prompt test; 0: leave it out");
    flags.add("-n,--n-gen", &options_.n_generate, "tokens of the generation test; 0: leave it out");
    flags.add("-d,--depth", &options_.depth, "tokens in the context before each test");
    flags.add("-b,--batch", &options_.batch_rows, "prompt tokens of one step");
    flags.add("-t,--threads", &threads_, "compute threads; 0: physical cores inside the CPU quota");
    flags.add("-r,--repetitions", &repetitions_, "runs of each test, after one warm-up");
    flags.add("--kv", &kv_, "type of the KV cache: f16 or f32");
    flags.add("--json", &json_, "print a JSON object");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(check());
    SAMOVAR_ASSIGN(const sys::Isa isa, chosen_isa(environment));
    SAMOVAR_ASSIGN(options_.n_threads, resolve_threads(threads_));
    SAMOVAR_ASSIGN(options_.kv_type, parse_kv_type(kv_));
    options_.repetitions = static_cast<int>(repetitions_);
    SAMOVAR_ASSIGN(const std::string path, resolve_model(model_, environment));
    const int64_t start_us = system_clock().monotonic_us();
    SAMOVAR_ASSIGN(const auto model, engine::LoadedModel::load(path));
    const int64_t load_us = system_clock().monotonic_us() - start_us;
    SAMOVAR_ASSIGN(const auto report,
                   engine::run_benchmark(*model, kernels::select(isa), options_));
    if (json_) {
      print_json(report, isa, load_us);
    } else {
      print_text(report, isa, load_us);
    }
    return {};
  }

 private:
  Status check() const {
    constexpr int64_t kMaxTokens = 1 << 20;
    for (const auto& [flag, value, min] : {std::tuple{"--n-prompt", options_.n_prompt, int64_t{0}},
                                           {"--n-gen", options_.n_generate, int64_t{0}},
                                           {"--depth", options_.depth, int64_t{0}},
                                           {"--batch", options_.batch_rows, int64_t{1}},
                                           {"--repetitions", repetitions_, int64_t{1}}}) {
      if (value < min || value > kMaxTokens) {
        return invalid_argument(
            fmt::format("{}: expected {} to {}, found {}", flag, min, kMaxTokens, value));
      }
    }
    return {};
  }

  void print_text(const engine::BenchmarkReport& report, sys::Isa isa, int64_t load_us) const {
    fmt::print("{}: {} threads, {} kernels, loaded in {:.1f} ms; this machine reads {:.1f} GB/s\n",
               model_, options_.n_threads, sys::isa_name(isa), static_cast<double>(load_us) / 1e3,
               report.read_bytes_per_second / 1e9);
    for (const engine::BenchmarkResult& result : report.results) {
      fmt::print("{:<14} {:>9.2f} tok/s", result.test, result.median());
      if (result.test.starts_with("tg")) {
        const double rate = result.median() * static_cast<double>(report.bytes_per_token);
        fmt::print("  {:.1f} GB/s = {:.0f} % of the read speed", rate / 1e9,
                   100 * rate / report.read_bytes_per_second);
      }
      fmt::print("\n");
    }
  }

  void print_json(const engine::BenchmarkReport& report, sys::Isa isa, int64_t load_us) const {
    json::Value results = json::Value::array();
    for (const engine::BenchmarkResult& result : report.results) {
      results.push_back({{"test", result.test},
                         {"tokens_per_second", result.median()},
                         {"samples", result.tokens_per_second}});
    }
    fmt::print("{}\n", json::dump({{"model", model_},
                                   {"threads", options_.n_threads},
                                   {"isa", sys::isa_name(isa)},
                                   {"load_ms", static_cast<double>(load_us) / 1e3},
                                   {"read_bytes_per_second", report.read_bytes_per_second},
                                   {"bytes_per_token", report.bytes_per_token},
                                   {"anonymous_bytes", sys::process_memory().anonymous_bytes},
                                   {"results", std::move(results)}}));
  }

  std::string model_, kv_ = "f16";
  engine::BenchmarkOptions options_;
  int64_t threads_ = 0, repetitions_ = 5;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_bench() {
  return std::make_unique<Bench>();
}

}  // namespace samovar::cli
