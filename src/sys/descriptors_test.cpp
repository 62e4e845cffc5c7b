// SPDX-License-Identifier: Apache-2.0
#include "sys/descriptors.h"

#include <sys/resource.h>

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

TEST_CASE("as many files may be open as the system allows, whatever the shell said") {
  rlimit limit = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  limit.rlim_cur = 64;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  raise_descriptor_limit();
  REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
  CHECK(limit.rlim_cur == limit.rlim_max);
}

}  // namespace
}  // namespace samovar::sys
