// Two engines on one pool of threads.
#include "engine/test_support.h"

#include <thread>

namespace samovar::engine {
namespace {

TEST_CASE("engines that share the threads answer as they do alone") {
  const std::vector<int32_t> prompt = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  const auto alone = Fixture({.n_slots = 1, .n_ctx = 128}).answer(greedy(prompt, 40)).tokens;
  const auto pool = std::make_shared<ComputePool>(2);
  Fixture one({.n_slots = 2, .n_ctx = 128, .pool = pool});
  Fixture two({.n_slots = 2, .n_ctx = 128, .pool = pool});
  std::vector<std::shared_ptr<EventQueue>> answers;
  for (Fixture* fixture : {&one, &two, &one, &two}) {
    answers.push_back(fixture->submit(greedy(prompt, 40)));
  }
  for (const auto& events : answers) CHECK(answer_of(*events).tokens == alone);
  two.engine->stop();
  CHECK(one.answer(greedy(prompt, 40)).tokens == alone);
  CHECK(one.engine->stats().steps.load() > 0);
}

}  // namespace
}  // namespace samovar::engine
