#include "engine/pooler.h"

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

using model::Pooling;

std::vector<float> pooled(Pooling pooling) {
  const std::vector<std::vector<float>> states = {{1, -2}, {3, 4}, {5, 10}};
  Pooler pooler(pooling, 3);
  for (size_t i = 0; i < states.size(); ++i) {
    if (pooler.wants(static_cast<int64_t>(i))) pooler.add(states[i]);
  }
  return *pooler.take();
}

TEST_CASE("each pooling takes its own of a text's states") {
  CHECK(pooled(Pooling::kNone) == std::vector<float>{1, -2, 3, 4, 5, 10});
  CHECK(pooled(Pooling::kMean) == std::vector<float>{3, 4});
  CHECK(pooled(Pooling::kCls) == std::vector<float>{1, -2});
  CHECK(pooled(Pooling::kLast) == std::vector<float>{5, 10});
}

}  // namespace
}  // namespace samovar::engine
