// NodeWatch: what can be seen of nodes and aliases through the node API.
//
// Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/credentials.h"
#include "cloud/node_target.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::cloud {

struct NodeView {
  std::vector<std::string> tags;  // of all models (`samovar serve --tags`)
};

class NodeWatch {
 public:
  // BORROWS credentials.
  NodeWatch(Credentials& credentials, std::string folder, std::string url, std::string ca_file)
      : credentials_(credentials),
        folder_(std::move(folder)),
        url_(std::move(url)),
        ca_file_(std::move(ca_file)) {}

  // What answers at /v1/models. kBusy while it is not ready, or its model is on its way.
  Result<NodeView> look(NodeTarget::Kind kind, const std::string& id);
  // Requests at work and waiting there, by its /metrics; nothing when it does not tell.
  std::optional<int64_t> n_running(const std::string& node_id);

 private:
  Result<std::string> get(NodeTarget::Kind kind, const std::string& id, const std::string& path);

  Credentials& credentials_;
  const std::string folder_, url_, ca_file_;
};

}  // namespace samovar::cloud
