// DeploymentRecord: which nodes and aliases there are, in a file: the cloud has no public API that
// lists them.
//
// Holds no secret. Thread: plain values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::cloud {

struct RecordedNode {
  std::string name;
  std::string id;
  std::string image;
  std::string alias = {};  // the last one that it was behind, and may be still; empty: none
  std::string stamp = {};  // a tag by which its answers are known; empty: none
};

// What a node gets of an alias's requests.
struct NodeShare {
  std::string id;
  int64_t percent = 100;
};

struct RecordedAlias {
  std::string name;  // "saiga"
  std::vector<NodeShare> shares;
};

struct DeploymentRecord {
  std::vector<RecordedAlias> aliases;
  std::vector<RecordedNode> nodes;

  // An empty record when there is no such file.
  static Result<DeploymentRecord> load(const std::string& path);
  Status save(const std::string& path) const;

  // By name or id; null when there is none. BORROWS from the record.
  const RecordedNode* find(const std::string& name_or_id) const;
  void put(RecordedNode node);  // replaces one of that id
  void remove(const std::string& id);

  // Null when there is none. BORROWS from the record.
  const RecordedAlias* find_alias(const std::string& name) const;
  // The alias that gives requests to this node; null when none does. BORROWS from the record.
  const RecordedAlias* alias_before(const std::string& node_id) const;
  // Makes or replaces it, and tells its nodes.
  void put_alias(RecordedAlias alias);
  void remove_alias(const std::string& name);
  // Nodes that were behind the alias and get nothing of any alias now, oldest first.
  std::vector<RecordedNode> left_behind(const std::string& alias) const;
};

}  // namespace samovar::cloud
