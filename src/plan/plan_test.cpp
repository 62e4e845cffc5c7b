#include "plan/plan.h"

#include <doctest/doctest.h>

namespace samovar::plan {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

ModelFacts small_model() {
  return {.name = "small",
          .weights_bytes = 1000 * kMiB,
          .kv_bytes_per_token = 32 * 1024,
          .workspace_bytes = 20 * kMiB,
          .n_ctx_train = 32768};
}

TEST_CASE("an open wish gets the context that fits, never more than the training length") {
  const auto roomy = make_plan(small_model(), {.usable_bytes = 16000 * kMiB}, {});
  REQUIRE(roomy.ok());
  CHECK(roomy->n_ctx == 32768);
  CHECK(roomy->kv_bytes == 1024 * kMiB);
  const auto tight = make_plan(small_model(), {.usable_bytes = 1284 * kMiB}, {});
  REQUIRE(tight.ok());
  CHECK(tight->n_ctx == 3200);  // half of 200 MiB
  CHECK(tight->total_bytes() <= 1284 * kMiB);
}

TEST_CASE("layers with a window count no more than their windows") {
  ModelFacts model = small_model();
  model.windowed_kv_bytes_per_token = 24 * 1024;
  model.windowed_tokens = 2048;
  const auto whole = make_plan(model, {.usable_bytes = 16000 * kMiB}, {.n_ctx = 32768});
  REQUIRE(whole.ok());
  CHECK(whole->kv_bytes == 256 * kMiB + 48 * kMiB);
  const auto small = make_plan(model, {.usable_bytes = 16000 * kMiB}, {.n_ctx = 1024});
  REQUIRE(small.ok());
  CHECK(small->kv_bytes == 32 * kMiB);
  const auto tight = make_plan(model, {.usable_bytes = 1284 * kMiB}, {});
  REQUIRE(tight.ok());
  CHECK(tight->n_ctx == 6656);  // half of 200 MiB, 48 of them windows
  CHECK(tight->kv_bytes == 100 * kMiB);
  const auto tighter = make_plan(model, {.usable_bytes = 1148 * kMiB}, {});
  REQUIRE(tighter.ok());
  CHECK(tighter->n_ctx == 1024);  // less than the windows
}

TEST_CASE("slots share a cache as large as fits, at least one context, at most one for each") {
  const auto roomy =
      make_plan(small_model(), {.usable_bytes = 16000 * kMiB}, {.n_ctx = 8192, .n_slots = 4});
  REQUIRE(roomy.ok());
  CHECK(roomy->n_cache_tokens == 4 * 8192);
  const auto tight =
      make_plan(small_model(), {.usable_bytes = 1884 * kMiB}, {.n_ctx = 8192, .n_slots = 4});
  REQUIRE(tight.ok());
  CHECK(tight->n_cache_tokens == 12800);  // half of 800 MiB
  const auto tighter =
      make_plan(small_model(), {.usable_bytes = 1384 * kMiB}, {.n_ctx = 8192, .n_slots = 4});
  REQUIRE(tighter.ok());
  CHECK(tighter->n_cache_tokens == 8192);
  const auto asked = make_plan(small_model(), {.usable_bytes = 16000 * kMiB},
                               {.n_ctx = 1024, .n_slots = 4, .n_cache_tokens = 2000});
  REQUIRE(asked.ok());
  CHECK(asked->n_cache_tokens == 2048);
}

TEST_CASE("a wish is kept whole or refused with the ledger") {
  const auto asked =
      make_plan(small_model(), {.usable_bytes = 16000 * kMiB}, {.n_ctx = 1000, .n_slots = 2});
  REQUIRE(asked.ok());
  CHECK(asked->n_ctx == 1024);
  CHECK(asked->kv_bytes == 64 * kMiB);
  const auto refused = make_plan(small_model(), {.usable_bytes = 1100 * kMiB}, {.n_ctx = 4096});
  CHECK(refused.status().code() == Code::kResourceExhausted);
  CHECK(refused.status().message().find("128 MiB of KV") != std::string_view::npos);
  CHECK(refused.status().message().ends_with("smaller --ctx-size or a smaller quantization"));
}

TEST_CASE("wishes out of range are refused by name") {
  const MachineFacts machine{.usable_bytes = 16000 * kMiB};
  CHECK(make_plan(small_model(), machine, {.n_ctx = 40000}).status().code() ==
        Code::kInvalidArgument);
  CHECK(make_plan(small_model(), machine, {.n_ctx = -1}).status().code() == Code::kInvalidArgument);
  CHECK(make_plan(small_model(), machine, {.n_slots = 0}).status().code() ==
        Code::kInvalidArgument);
  ModelFacts huge = small_model();
  huge.kv_bytes_per_token = UINT64_MAX / 2;
  CHECK(make_plan(huge, machine, {.n_ctx = 4096}).status().code() == Code::kResourceExhausted);
}

TEST_CASE("beside others a model gets what they leave, if that is a context of some use") {
  const MachineFacts machine{.usable_bytes = 4000 * kMiB};
  const auto alone = make_plan_beside(small_model(), machine, {}, 0);
  REQUIRE(alone.ok());
  CHECK(alone->n_ctx == 32768);
  const auto beside = make_plan_beside(small_model(), machine, {}, 2000 * kMiB);
  REQUIRE(beside.ok());
  CHECK(beside->n_ctx == 14656);  // half of 916 MiB
  CHECK(beside->total_bytes() <= 2000 * kMiB);
  const auto too_little = make_plan_beside(small_model(), machine, {}, 2700 * kMiB);
  CHECK(too_little.status().code() == Code::kBusy);  // 3456 tokens
  CHECK(make_plan_beside(small_model(), machine, {.n_ctx = 2048}, 2700 * kMiB).ok());
  CHECK(make_plan_beside(small_model(), machine, {}, 9000 * kMiB).status().code() == Code::kBusy);
}

TEST_CASE("what would not fit alone is refused for good") {
  const auto refused =
      make_plan_beside(small_model(), {.usable_bytes = 900 * kMiB}, {}, 100 * kMiB);
  CHECK(refused.status().code() == Code::kResourceExhausted);
}

}  // namespace
}  // namespace samovar::plan
