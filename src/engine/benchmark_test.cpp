#include "engine/benchmark.h"

#include "engine/test_model.h"
#include "kernels/select.h"

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

const kernels::KernelTable kKernels = kernels::select(sys::detect_isa());

std::vector<std::string> tests_of(const BenchmarkReport& report) {
  std::vector<std::string> names;
  for (const BenchmarkResult& result : report.results) names.push_back(result.test);
  return names;
}

TEST_CASE("each depth has its prompt and generation test, each batch its generation test") {
  const auto report = run_benchmark(*test_model(), kKernels,
                                    {.n_prompt = 9,
                                     .n_generate = 3,
                                     .depths = {70, 0},
                                     .batches = {1, 4},
                                     .step_rows = 4,
                                     .n_threads = 2,
                                     .repetitions = 2});
  REQUIRE(report.ok());
  CHECK(tests_of(*report) ==
        std::vector<std::string>{"pp9", "tg3", "pp9@d70", "tg3@d70", "tg3@b1", "tg3@b4"});
  for (const BenchmarkResult& result : report->results) {
    CHECK_MESSAGE(result.tokens_per_second.size() == 2, result.test);
    CHECK_MESSAGE(result.macs_per_second() > 0, result.test);
    CHECK_MESSAGE(result.bytes_per_second() > 0, result.test);
  }
  CHECK(report->first_token_us > 0);
  CHECK(report->ceilings.bytes_per_second > 0);
  CHECK((report->ceilings.macs_per_second > 0) == (kKernels.int8_peak != nullptr));
}

TEST_CASE("tests of no tokens are left out, also with no depth at all") {
  const auto model = test_model();
  auto report = run_benchmark(*model, kKernels, {.n_prompt = 0, .n_generate = 1, .repetitions = 1});
  REQUIRE(report.ok());
  CHECK(tests_of(*report) == std::vector<std::string>{"tg1"});
  report = run_benchmark(*model, kKernels,
                         {.n_generate = 1, .depths = {}, .batches = {2}, .repetitions = 1});
  REQUIRE(report.ok());
  CHECK(tests_of(*report) == std::vector<std::string>{"tg1@b2"});
}

TEST_CASE("a batch of no sequences is refused") {
  const auto report = run_benchmark(*test_model(), kKernels, {.depths = {}, .batches = {0}});
  REQUIRE_FALSE(report.ok());
  CHECK(report.status().code() == Code::kInvalidArgument);
}

TEST_CASE("the median is the middle one") {
  BenchmarkResult result;
  CHECK(result.median() == 0);
  result.tokens_per_second = {9, 1, 5};
  CHECK(result.median() == 5);
}

TEST_CASE("a step's weights are read once for all its rows, keys and values for each") {
  const auto model = test_model();
  const auto weights = static_cast<double>(model->model().bytes_per_token());
  const auto type = kernels::KvType::kI16;
  const auto kv = static_cast<double>(model::kv_bytes_per_token(model->model().config(), type));
  CHECK(generation_work(model->model(), type, 100, 2, 4).bytes ==
        doctest::Approx(weights / 4 + 101 * kv));
  CHECK(prompt_work(model->model(), type, 0, 32, 8).bytes ==
        doctest::Approx((weights + 16 * kv) / 8));
  CHECK(prompt_work(model->model(), type, 0, 32, 8).macs <
        generation_work(model->model(), type, 0, 1, 1).macs);
}

TEST_CASE("ceilings keep the higher of two measurements") {
  Ceilings ceilings{.bytes_per_second = 5, .macs_per_second = 5};
  ceilings.raise_to({.bytes_per_second = 7, .macs_per_second = 3});
  CHECK(ceilings.bytes_per_second == 7);
  CHECK(ceilings.macs_per_second == 5);
}

}  // namespace
}  // namespace samovar::engine
