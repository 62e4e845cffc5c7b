#include "cloud/node_shares.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

DeploymentRecord three_nodes() {
  DeploymentRecord record;
  for (const char* name : {"a", "b", "c"}) record.put({name, std::string("bt1") + name, "x"});
  return record;
}

std::vector<int64_t> percents(const std::vector<std::string>& words) {
  std::vector<int64_t> all;
  const auto shares = parse_shares(words, three_nodes());
  for (const NodeShare& share : *shares) all.push_back(share.percent);
  return all;
}

TEST_CASE("Nodes get equal parts, or those that are told") {
  CHECK(percents({"a"}) == std::vector<int64_t>{100});
  CHECK(percents({"a", "bt1b"}) == std::vector<int64_t>{50, 50});
  CHECK(percents({"a", "b", "c"}) == std::vector<int64_t>{34, 33, 33});
  CHECK(percents({"a=70", "b=30"}) == std::vector<int64_t>{70, 30});
  CHECK(parse_shares({"bt1b"}, three_nodes())->front().id == "bt1b");
}

TEST_CASE("Parts that make no whole are told") {
  const auto complaint = [](const std::vector<std::string>& words) {
    return std::string(parse_shares(words, three_nodes()).status().message());
  };
  CHECK(complaint({"a=70", "b=20"}) == "--to: expected parts that make 100 %, found 90 %");
  CHECK(complaint({"a=70", "b"}) == "--to: expected percents for all nodes or for none");
  CHECK(complaint({"a", "bt1a"}) == "--to: node bt1a is named twice");
  for (const char* word : {"a=0", "a=101", "a=", "a=x", "a=-1", "a=99999999999999999999"}) {
    CHECK(complaint({word}).starts_with("--to: expected NODE or NODE=PERCENT of 1 to 100, found"));
  }
  CHECK(parse_shares({"d"}, three_nodes()).status().code() == Code::kNotFound);
}

}  // namespace
}  // namespace samovar::cloud
