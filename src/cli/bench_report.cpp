#include "cli/bench_report.h"

#include "json/json.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

double ratio(double value, double ceiling) {
  return ceiling > 0 ? value / ceiling : 0;
}

// Load and the first token's own time.
double first_token_ms(const BenchReport& report) {
  return static_cast<double>(report.load_us + report.measured.first_token_us) / 1e3;
}

}  // namespace

Shares shares(const engine::BenchmarkResult& result, const engine::Ceilings& ceilings) {
  return {.macs = ratio(result.macs_per_second(), ceilings.macs_per_second),
          .bytes = ratio(result.bytes_per_second(), ceilings.bytes_per_second)};
}

std::string bench_text(const BenchReport& report) {
  const engine::Ceilings& ceilings = report.measured.ceilings;
  std::string text = fmt::format(
      "{}: {} threads, {} kernels, loaded in {:.1f} ms, first token after {:.1f} ms\n"
      "memory: {:.1f} MB anonymous, {:.1f} MB of mapped files\n"
      "this machine: {:.0f} GMAC/s of 8-bit integers, {:.1f} GB/s read from the file's pages\n"
      "{:<16} {:>10} {:>9} {:>8} {:>8} {:>8}\n",
      report.model, report.n_threads, report.isa, static_cast<double>(report.load_us) / 1e3,
      first_token_ms(report), static_cast<double>(report.anonymous_bytes) / 1e6,
      static_cast<double>(report.mapped_bytes) / 1e6, ceilings.macs_per_second / 1e9,
      ceilings.bytes_per_second / 1e9, "test", "tok/s", "GMAC/s", "of peak", "GB/s", "of read");
  for (const engine::BenchmarkResult& result : report.measured.results) {
    const Shares share = shares(result, ceilings);
    text += fmt::format("{:<16} {:>10.2f} {:>9.1f} {:>6.0f} % {:>8.1f} {:>6.0f} %\n", result.test,
                        result.median(), result.macs_per_second() / 1e9, 100 * share.macs,
                        result.bytes_per_second() / 1e9, 100 * share.bytes);
  }
  return text;
}

json::Value bench_json(const BenchReport& report) {
  const engine::Ceilings& ceilings = report.measured.ceilings;
  json::Value results = json::Value::array();
  for (const engine::BenchmarkResult& result : report.measured.results) {
    const Shares share = shares(result, ceilings);
    results.push_back({{"test", result.test},
                       {"tokens_per_second", result.median()},
                       {"samples", result.tokens_per_second},
                       {"macs_per_second", result.macs_per_second()},
                       {"macs_share", share.macs},
                       {"bytes_per_second", result.bytes_per_second()},
                       {"bytes_share", share.bytes}});
  }
  return {{"model", report.model},
          {"threads", report.n_threads},
          {"isa", report.isa},
          {"load_ms", static_cast<double>(report.load_us) / 1e3},
          {"first_token_ms", first_token_ms(report)},
          {"anonymous_bytes", report.anonymous_bytes},
          {"mapped_bytes", report.mapped_bytes},
          {"read_bytes_per_second", ceilings.bytes_per_second},
          {"peak_macs_per_second", ceilings.macs_per_second},
          {"bytes_per_token", report.measured.weight_bytes_per_token},
          {"results", std::move(results)}};
}

}  // namespace samovar::cli
