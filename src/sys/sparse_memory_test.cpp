#include "sys/sparse_memory.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr uint64_t kHuge = uint64_t{1} << 36;  // its shadow leaves no room for more
#else
constexpr uint64_t kHuge = uint64_t{1} << 40;
#endif

TEST_CASE("a terabyte costs no memory, and its front is what was put there") {
  const auto memory = SparseMemory::create(kHuge);
  REQUIRE(memory.ok());
  const std::vector<std::byte> some(3'000'000, std::byte{7});
  REQUIRE((*memory)->append(some).ok());
  REQUIRE((*memory)->append(std::span(some).first(5)).ok());
  CHECK((*memory)->front_bytes() == 3'000'005);
  CHECK((*memory)->bytes().size() == kHuge);
  CHECK((*memory)->bytes()[0] == std::byte{7});
  CHECK((*memory)->bytes()[3'000'004] == std::byte{7});
}

TEST_CASE("more than the whole is refused, and so is a size nobody can address") {
  const auto memory = SparseMemory::create(10);
  REQUIRE(memory.ok());
  const std::vector<std::byte> some(11);
  CHECK((*memory)->append(some).code() == Code::kInvalidArgument);
  CHECK((*memory)->append(std::span(some).first(10)).ok());
  CHECK(SparseMemory::create(0).status().code() == Code::kTooLarge);
  CHECK(SparseMemory::create(UINT64_MAX).status().code() == Code::kTooLarge);
}

}  // namespace
}  // namespace samovar::sys
