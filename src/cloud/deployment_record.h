// DeploymentRecord: which nodes there are, in a file: the cloud has no public API that lists them.
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
};

struct DeploymentRecord {
  std::string alias;   // "saiga"; empty: none yet
  std::string active;  // id of the node behind the alias
  std::vector<RecordedNode> nodes;

  // An empty record when there is no such file.
  static Result<DeploymentRecord> load(const std::string& path);
  Status save(const std::string& path) const;

  // By name or id; null when there is none. BORROWS from the record.
  const RecordedNode* find(const std::string& name_or_id) const;
  void put(RecordedNode node);  // replaces one of that id
  void remove(const std::string& id);
};

}  // namespace samovar::cloud
