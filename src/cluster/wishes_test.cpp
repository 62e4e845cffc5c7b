#include "cluster/wishes.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::cluster {
namespace {

TEST_CASE("a path is refused where pods would not find it") {
  ClusterWishes wishes;
  wishes.kubeconfig = "/etc/admin.conf";
  wishes.model = "/models/small.gguf";
  const Status status = check_wishes(wishes);
  CHECK(status.code() == Code::kInvalidArgument);
  CHECK(std::string(status.message()).ends_with("and none is named: --models FOLDER"));
  wishes.models = "/srv/models";
  CHECK(check_wishes(wishes).message() == "");
  wishes.model = "/srv/models/small.gguf";
  CHECK(check_wishes(wishes).code() == Code::kInvalidArgument);
}

TEST_CASE("figures out of their range are refused, not taken for the default") {
  ClusterWishes wishes;
  wishes.memory_bytes = 500 << 10;
  CHECK(check_wishes(wishes).message() ==
        "--memory: expected 0 (what is left) or at least 1M, found 512000 bytes");
  wishes.memory_bytes = 0;
  wishes.context = 0;
  CHECK(check_wishes(wishes).message() == "");
  wishes.context = -1;
  CHECK(check_wishes(wishes).code() == Code::kInvalidArgument);
  wishes.context = 64;
  wishes.parallel = 0;
  CHECK(check_wishes(wishes).code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace samovar::cluster
