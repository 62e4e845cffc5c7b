// samovar bench: prompt and generation speed next to what the machine can do at most.
#include "base/clock.h"
#include "cli/bench_report.h"
#include "cli/command.h"
#include "cli/isa_choice.h"
#include "cli/output.h"
#include "cli/session.h"
#include "json/json.h"
#include "kernels/select.h"
#include "sys/file.h"
#include "sys/memory.h"

#include <charconv>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr int64_t kMaxTokens = 1 << 20, kMaxSequences = 1024;

Status check_range(std::string_view flag, int64_t value, int64_t min, int64_t max) {
  if (value >= min && value <= max) return {};
  return invalid_argument(fmt::format("{}: expected {} to {}, found {}", flag, min, max, value));
}

Result<std::vector<int64_t>> numbers(std::string_view flag, const std::vector<std::string>& words,
                                     int64_t min, int64_t max) {
  std::vector<int64_t> values;
  for (const std::string& word : words) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size()) {
      return invalid_argument(fmt::format("{}: expected a number, found \"{}\"", flag, word));
    }
    SAMOVAR_TRY(check_range(flag, value, min, max));
    values.push_back(value);
  }
  return values;
}

class Bench final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &report_.model, "a name that `samovar list` shows, or a path");
    flags.add("-p,--n-prompt", &options_.n_prompt, "tokens of the prompt tests; 0: leave them out");
    flags.add("-n,--n-gen", &options_.n_generate,
              "tokens of the generation tests; 0: leave them out");
    flags.add("-d,--depth", &depths_, "tokens in the context before both tests; may be repeated");
    flags.add("-b,--batch", &batches_, "sequences that generate together; may be repeated");
    flags.add("-u,--ubatch", &options_.step_rows, "prompt tokens of one step");
    flags.add("-t,--threads", &threads_, "compute threads; 0: physical cores inside the CPU quota");
    flags.add("-r,--repetitions", &repetitions_, "runs of each test, after one warm-up");
    flags.add("--kv", &kv_, kKvHelp);
    flags.add("--json", &json_, "print a JSON object");
    flags.add("--svg", &svg_, "also draw the results into this file");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(read_flags());
    SAMOVAR_ASSIGN(const sys::Isa isa, chosen_isa(environment));
    SAMOVAR_ASSIGN(const std::string path, resolve_model(report_.model, environment));
    const int64_t start_us = system_clock().monotonic_us();
    SAMOVAR_ASSIGN(const auto model, engine::LoadedModel::load(path));
    report_.load_us = system_clock().monotonic_us() - start_us;
    report_.isa = sys::isa_name(isa);
    report_.n_threads = options_.n_threads;
    SAMOVAR_ASSIGN(report_.measured, engine::run_benchmark(*model, kernels::select(isa), options_));
    SAMOVAR_TRY(model->check_mapping());
    const sys::ProcessMemory memory = sys::process_memory();
    report_.anonymous_bytes = memory.anonymous_bytes;
    report_.mapped_bytes = memory.file_bytes;
    if (!svg_.empty()) SAMOVAR_TRY(sys::write_file_atomic(svg_, bench_svg(report_)));
    return write_stdout(json_ ? json::dump(bench_json(report_)) + "\n" : bench_text(report_));
  }

 private:
  Status read_flags() {
    SAMOVAR_TRY(check_range("--n-prompt", options_.n_prompt, 0, kMaxTokens));
    SAMOVAR_TRY(check_range("--n-gen", options_.n_generate, 0, kMaxTokens));
    SAMOVAR_TRY(check_range("--ubatch", options_.step_rows, 1, kMaxTokens));
    SAMOVAR_TRY(check_range("--repetitions", repetitions_, 1, kMaxTokens));
    if (!depths_.empty()) {
      SAMOVAR_ASSIGN(options_.depths, numbers("--depth", depths_, 0, kMaxTokens));
    }
    SAMOVAR_ASSIGN(options_.batches, numbers("--batch", batches_, 1, kMaxSequences));
    SAMOVAR_ASSIGN(options_.n_threads, resolve_threads(threads_));
    SAMOVAR_ASSIGN(options_.kv_type, parse_kv_type(kv_));
    options_.repetitions = static_cast<int>(repetitions_);
    return {};
  }

  std::string kv_ = "i16", svg_;
  std::vector<std::string> depths_, batches_;
  engine::BenchmarkOptions options_;
  int64_t threads_ = 0, repetitions_ = 5;
  bool json_ = false;
  BenchReport report_;
};

}  // namespace

std::unique_ptr<Command> make_bench() {
  return std::make_unique<Bench>();
}

}  // namespace samovar::cli
