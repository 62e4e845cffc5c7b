#include "cli/pod_plan.h"

#include "model/tiny_model.h"
#include "sys/test_tree.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

// The node's folder of models, with one small model in it.
struct NodeFolder {
  NodeFolder() {
    auto model = model::tiny_model("llama");
    model.set("llama.context_length", uint32_t{65536});
    const auto bytes = model.build();
    tree.write("/tiny.gguf", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    wishes.models = tree.path();
    wishes.model = "/models/tiny.gguf";
    wishes.context = 64;
  }
  Status check(int64_t limit_mib, int64_t swap_mib = 0) const {
    const Environment offline({{"HOME", tree.path()}, {"HF_HUB_OFFLINE", "1"}});
    return check_pod_plan(wishes, {limit_mib, limit_mib, swap_mib}, offline);
  }

  sys::TestTree tree;
  cluster::ClusterWishes wishes;
};

TEST_CASE("a model that does not fit into its pod is refused with the plan") {
  const NodeFolder node;
  CHECK(node.check(512).message() == "");
  const Status status = node.check(16);
  CHECK(status.code() == Code::kResourceExhausted);
  const std::string message(status.message());
  CHECK(message.starts_with("/models/tiny.gguf does not fit into the pod: "));
  CHECK(message.find(" of 16 MiB") != std::string::npos);
}

TEST_CASE("swap makes up for what the pod's limit lacks, as far as there is some") {
  NodeFolder node;
  node.wishes.context = 65536;
  node.wishes.parallel = 1;
  int64_t least_mib = 1;
  while (!node.check(least_mib).ok()) REQUIRE(++least_mib < 1000);
  CHECK_FALSE(node.check(least_mib - 2).ok());
  CHECK(node.check(least_mib - 2, 2).message() == "");
  CHECK_FALSE(node.check(1, 1000).ok());  // weights do not go to swap
}

TEST_CASE("a context of 0 is what fits") {
  NodeFolder node;
  node.wishes.context = 0;
  CHECK(node.check(512).message() == "");
}

TEST_CASE("a file that this machine's pods would not find is refused, one of other nodes is not") {
  NodeFolder node;
  node.wishes.model = "/models/none.gguf";
  CHECK(std::string(node.check(512).message()).find(node.tree.path() + "/none.gguf") !=
        std::string::npos);
  node.wishes.kubeconfig = "/etc/admin.conf";
  CHECK(node.check(16).ok());
  NodeFolder without;
  without.wishes.models = "/no/such/folder";
  CHECK(without.check(512).code() == Code::kNotFound);
}

TEST_CASE("a header that can't be fetched is no reason to refuse, a wrong flag is") {
  NodeFolder node;
  node.wishes.model = "smollm2:135m";
  CHECK(node.check(16).ok());
  node.wishes.kv = "q9";
  CHECK(node.check(512).code() == Code::kInvalidArgument);
}

TEST_CASE("a name that nobody could fetch is refused") {
  NodeFolder node;
  node.wishes.model = "no-such-model:1";
  CHECK(node.check(512).code() == Code::kNotFound);
  node.wishes.models.clear();  // the pods' own program pulls it, and may know it
  CHECK(node.check(512).ok());
  node.wishes.model = "./tiny.gguf";
  CHECK(node.check(512).code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace samovar::cli
