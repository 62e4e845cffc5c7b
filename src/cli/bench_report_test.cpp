#include "cli/bench_report.h"

#include "cli/parse.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

BenchReport sample_report() {
  BenchReport report{.model = "a<b", .isa = "avx2", .n_threads = 2, .load_us = 2500};
  report.measured.ceilings = {.bytes_per_second = 10e9, .macs_per_second = 100e9};
  report.measured.first_token_us = 1500;
  report.measured.results = {
      {.test = "pp512", .tokens_per_second = {50}, .work = {.macs = 1e9, .bytes = 1e7}},
      {.test = "tg48", .tokens_per_second = {8}, .work = {.macs = 1e9, .bytes = 1e9}}};
  return report;
}

TEST_CASE("each test stands beside both ceilings") {
  const BenchReport report = sample_report();
  const std::string text = bench_text(report);
  CHECK(text.find("loaded in 2.5 ms, first token after 4.0 ms") != std::string::npos);
  CHECK(text.find("100 GMAC/s of 8-bit integers, 10.0 GB/s read") != std::string::npos);
  CHECK(text.find("pp512                 50.00      50.0     50 %      0.5      5 %\n") !=
        std::string::npos);
  const json::Value value = bench_json(report);
  CHECK(value["results"][1]["test"] == "tg48");
  CHECK(value["results"][1]["tokens_per_second"] == 8);
  CHECK(value["results"][1]["bytes_share"] == doctest::Approx(0.8));
  CHECK(value["results"][0]["macs_share"] == doctest::Approx(0.5));
}

TEST_CASE("a level without a peak loop has a share of zero") {
  BenchReport report = sample_report();
  report.measured.ceilings.macs_per_second = 0;
  CHECK(shares(report.measured.results[0], report.measured.ceilings).macs == 0);
}

TEST_CASE("the picture has a bar for each test, up to the nearer ceiling, and quotes names") {
  const std::string svg = bench_svg(sample_report());
  CHECK(svg.find("a&lt;b: 2 threads") != std::string::npos);
  CHECK(svg.find("width=\"200.0\"") != std::string::npos);  // half of the peak
  CHECK(svg.find("width=\"320.0\"") != std::string::npos);  // 0.8 of the read speed
  CHECK(svg.find("8.00 tok/s, 8.0 GB/s = 80 %") != std::string::npos);
}

TEST_CASE("lists may be repeated or separated by commas, and do not swallow the model") {
  const Environment empty{std::map<std::string, std::string>{}};
  CHECK(parse({"bench", "--depth", "0", "--depth", "64", "model"}, empty).ok());
  CHECK(parse({"bench", "--batch", "1,2,4", "model"}, empty).ok());
  CHECK_FALSE(parse({"bench", "--batch", "1", "2", "model"}, empty).ok());
}

TEST_CASE("numbers out of range name their flag") {
  const Environment empty{std::map<std::string, std::string>{}};
  const auto problem = [&](const std::string& flag, const std::string& value) {
    const auto parsed = parse({"bench", flag, value, "model"}, empty);
    REQUIRE(parsed.ok());
    return std::string(parsed->command->run(empty).message());
  };
  CHECK(problem("--batch", "0") == "--batch: expected 1 to 1024, found 0");
  CHECK(problem("--depth", "deep") == "--depth: expected a number, found \"deep\"");
  CHECK(problem("--ubatch", "0") == "--ubatch: expected 1 to 1048576, found 0");
}

}  // namespace
}  // namespace samovar::cli
