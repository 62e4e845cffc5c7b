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
    const auto bytes = model::tiny_model("llama").build();
    tree.write("/tiny.gguf", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    wishes.models = tree.path();
    wishes.model = "/models/tiny.gguf";
    wishes.context = 64;
  }
  Status check(int64_t limit_mib) const {
    const Environment offline({{"HOME", tree.path()}, {"HF_HUB_OFFLINE", "1"}});
    return check_pod_plan(wishes, {limit_mib, limit_mib}, offline);
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

TEST_CASE("a header that can't be read is no reason to refuse, a wrong flag is") {
  NodeFolder node;
  node.wishes.model = "/models/none.gguf";
  CHECK(node.check(16).ok());
  node.wishes.model = "smollm2:135m";
  CHECK(node.check(16).ok());
  node.wishes.kv = "q9";
  CHECK(node.check(512).code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace samovar::cli
