// Names of images.
#include "cloud/image_name.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

TEST_CASE("A name has a registry, a repository and a tag") {
  const auto name = ImageName::parse("cr.yandex/crp1/localllm:v2.1_A");
  REQUIRE(name.ok());
  CHECK(name->registry == "cr.yandex");
  CHECK(name->repository == "crp1/localllm");
  CHECK(name->tag == "v2.1_A");
  CHECK(ImageName::parse("localhost:5000/x")->text() == "localhost:5000/x:latest");
  CHECK(ImageName::parse("localhost/x")->registry == "localhost");
}

TEST_CASE("What is none is told") {
  for (const char* text : {"localllm", "library/localllm:1", "", "/x", "cr.yandex/", "cr.yandex/A",
                           "cr.yandex/a:", "cr.yandex/a/../b", "cr.yandex/a@sha256:00",
                           "cr.yandex/a?b", "u@cr.yandex/a", "cr.yandex/a:b c", "cr.yandex/a:-b"}) {
    CAPTURE(text);
    CHECK(ImageName::parse(text).status().code() == Code::kInvalidArgument);
  }
}

TEST_CASE("Loopback is known") {
  for (const char* here : {"localhost", "localhost:5000", "127.0.0.1:1", "[::1]:5000"}) {
    CHECK(is_loopback(here));
  }
  for (const char* there : {"localhost.evil.test", "cr.yandex", "128.0.0.1", "[::2]:1"}) {
    CHECK_FALSE(is_loopback(there));
  }
}

}  // namespace
}  // namespace samovar::cloud
