#include "cloud/node_shares.h"

#include "sys/proc_text.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr int64_t kWhole = 100;

struct Word {
  std::string node;
  std::optional<int64_t> percent;
};

Result<Word> split_word(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos) return Word{text, std::nullopt};
  const auto percent = sys::parse_u64(std::string_view(text).substr(equals + 1));
  if (!percent || *percent < 1 || *percent > kWhole) {
    return invalid_argument(
        fmt::format("--to: expected NODE or NODE=PERCENT of 1 to 100, found `{}`", text));
  }
  return Word{text.substr(0, equals), static_cast<int64_t>(*percent)};
}

Status check_whole(const std::vector<NodeShare>& shares) {
  const int64_t sum = std::accumulate(
      shares.begin(), shares.end(), int64_t{0},
      [](int64_t so_far, const NodeShare& share) { return so_far + share.percent; });
  if (sum == kWhole) return {};
  return invalid_argument(fmt::format("--to: expected parts that make 100 %, found {} %", sum));
}

bool is_named(const std::vector<NodeShare>& shares, const std::string& id) {
  return std::any_of(shares.begin(), shares.end(),
                     [&](const NodeShare& share) { return share.id == id; });
}

}  // namespace

Result<std::vector<NodeShare>> parse_shares(const std::vector<std::string>& words,
                                            const DeploymentRecord& record) {
  std::vector<NodeShare> shares;
  const auto n = static_cast<int64_t>(words.size());
  size_t n_told = 0;
  for (const std::string& text : words) {
    SAMOVAR_ASSIGN(const Word word, split_word(text));
    const RecordedNode* const node = record.find(word.node);
    if (node == nullptr) {
      return not_found(
          fmt::format("no node `{}` is remembered; see `datasphere node list`", word.node));
    }
    if (is_named(shares, node->id)) {
      return invalid_argument(fmt::format("--to: node {} is named twice", word.node));
    }
    const auto i = static_cast<int64_t>(shares.size());
    shares.push_back({node->id, word.percent.value_or(kWhole / n + (i < kWhole % n ? 1 : 0))});
    n_told += word.percent ? 1 : 0;
  }
  if (n_told != 0 && n_told != words.size()) {
    return invalid_argument("--to: expected percents for all nodes or for none");
  }
  if (n > kWhole) return invalid_argument("--to: more than 100 nodes");
  SAMOVAR_TRY(check_whole(shares));
  return shares;
}

}  // namespace samovar::cloud
