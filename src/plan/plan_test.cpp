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
  const auto tight = make_plan(small_model(), {.usable_bytes = 1244 * kMiB}, {});
  REQUIRE(tight.ok());
  CHECK(tight->n_ctx == 3200);  // half of 200 MiB
  CHECK(tight->total_bytes() <= 1244 * kMiB);
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
  const auto tight = make_plan(model, {.usable_bytes = 1244 * kMiB}, {});
  REQUIRE(tight.ok());
  CHECK(tight->n_ctx == 6656);  // half of 200 MiB, 48 of them windows
  CHECK(tight->kv_bytes == 100 * kMiB);
  const auto tighter = make_plan(model, {.usable_bytes = 1108 * kMiB}, {});
  REQUIRE(tighter.ok());
  CHECK(tighter->n_ctx == 1024);  // less than the windows
}

TEST_CASE("slots share a cache as large as fits, at least one context, at most one for each") {
  const auto roomy =
      make_plan(small_model(), {.usable_bytes = 16000 * kMiB}, {.n_ctx = 8192, .n_slots = 4});
  REQUIRE(roomy.ok());
  CHECK(roomy->n_cache_tokens == 4 * 8192);
  const auto tight =
      make_plan(small_model(), {.usable_bytes = 1844 * kMiB}, {.n_ctx = 8192, .n_slots = 4});
  REQUIRE(tight.ok());
  CHECK(tight->n_cache_tokens == 12800);  // half of 800 MiB
  const auto tighter =
      make_plan(small_model(), {.usable_bytes = 1344 * kMiB}, {.n_ctx = 8192, .n_slots = 4});
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
  const std::string message(refused.status().message());
  CHECK(message.find("small does not fit") != message.npos);
  CHECK(message.find("KV 128 MiB") != message.npos);
  CHECK(message.find("= 1172 of 1100 MiB") != message.npos);
  CHECK(message.find("swap") == message.npos);
  CHECK(message.find("1100 MiB are usable: take a smaller --ctx-size") != message.npos);
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
  CHECK(beside->n_ctx == 15296);  // half of 956 MiB
  CHECK(beside->total_bytes() <= 2000 * kMiB);
  const auto too_little = make_plan_beside(small_model(), machine, {}, 2740 * kMiB);
  CHECK(too_little.status().code() == Code::kBusy);  // 3456 tokens
  CHECK(make_plan_beside(small_model(), machine, {.n_ctx = 2048}, 2740 * kMiB).ok());
  CHECK(make_plan_beside(small_model(), machine, {}, 9000 * kMiB).status().code() == Code::kBusy);
}

TEST_CASE("what would not fit alone is refused for good") {
  const auto refused =
      make_plan_beside(small_model(), {.usable_bytes = 900 * kMiB}, {}, 100 * kMiB);
  CHECK(refused.status().code() == Code::kResourceExhausted);
}

TEST_CASE("the ledger names every byte once") {
  ModelFacts model = small_model();
  model.n_vocab = 100'000;
  model.hot_bytes = 900 * kMiB;
  const auto plan = make_plan(model, {.usable_bytes = 16000 * kMiB},
                              {.n_ctx = 4096, .n_slots = 2, .http_bytes = 128 * kMiB});
  REQUIRE(plan.ok());
  uint64_t sum = 0;
  for (const LedgerLine& line : plan->ledger()) sum += line.bytes;
  CHECK(sum == plan->total_bytes());
  CHECK(plan->total_bytes() == plan->model_bytes() + plan->process_bytes());
  CHECK(plan->process_bytes() == 152 * kMiB);
  CHECK(plan->vocabulary_bytes == 100'000 * (107 + 2 * 16) + 16 * kMiB);
  CHECK(plan->summary().find("HTTP 128 MiB") != std::string::npos);
  CHECK(plan->summary().find("swap") == std::string::npos);
}

TEST_CASE("swap takes pages of the KV cache, never weights or the rest") {
  const Wishes wishes{.n_ctx = 4096};  // 128 MiB beside 1044
  const auto with_swap = [&](uint64_t usable_mib, uint64_t swap_mib) {
    return make_plan(small_model(), {usable_mib * kMiB, swap_mib * kMiB}, wishes);
  };
  REQUIRE(with_swap(1100, 72).ok());
  CHECK(with_swap(1100, 72)->swapped_bytes() == 72 * kMiB);
  CHECK(with_swap(1100, 72)->summary().ends_with("= 1172 of 1100 MiB, 72 MiB of it in swap"));
  CHECK_FALSE(with_swap(1100, 71).ok());
  CHECK(with_swap(1044, 9000).ok());
  CHECK_FALSE(with_swap(1043, 9000).ok());  // a MiB of the rest would have to go
}

TEST_CASE("a plan that does not fit is laid out all the same") {
  const auto plan = lay_out(small_model(), {.usable_bytes = 500 * kMiB}, {.n_ctx = 4096});
  REQUIRE(plan.ok());
  CHECK_FALSE(plan->fits());
  CHECK(plan->total_bytes() == 1172 * kMiB);
}

TEST_CASE("the largest context is what really fits") {
  const MachineFacts machine{.usable_bytes = 1244 * kMiB};
  const int64_t most = largest_context(small_model(), machine, {});
  CHECK(most == 6400);  // all of 200 MiB
  CHECK(make_plan(small_model(), machine, {.n_ctx = most}).ok());
  CHECK_FALSE(make_plan(small_model(), machine, {.n_ctx = most + 64}).ok());
  CHECK(largest_context(small_model(), {.usable_bytes = 900 * kMiB}, {}) == 0);
  CHECK(largest_context(small_model(), {.usable_bytes = 90000 * kMiB}, {}) == 32768);
}

TEST_CASE("a small machine holds fewer request bodies, never less than one of the largest") {
  CHECK(http_budget_bytes(400 * kMiB) == 64 * kMiB);
  CHECK(http_budget_bytes(1600 * kMiB) == 100 * kMiB);
  CHECK(http_budget_bytes(16000 * kMiB) == 128 * kMiB);
}

TEST_CASE("the rule of thumb is the how-to's") {
  CHECK(rule_of_thumb_bytes(7'000'000'000, 4) == 4'200'000'000);
  CHECK(quantization_bits("Q4_K_M") == 4);
  CHECK(quantization_bits("IQ4_XS") == 4);
  CHECK(quantization_bits("BF16") == 16);
  CHECK(quantization_bits("F32") == 32);
  CHECK(quantization_bits("type 99") == 32);
  CHECK(quantization_bits("") == 32);
}

}  // namespace
}  // namespace samovar::plan
