// NodeTarget: a DataSphere node or alias, and how requests reach it.
//
// Source: https://yandex.cloud/en/docs/datasphere/operations/deploy/node-api and .../alias-api.
// Thread: plain values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "net/http_types.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cloud {

inline constexpr std::string_view kNodeApiUrl = "https://node-api.datasphere.yandexcloud.net";
// The node API takes no larger requests and gives no larger answers.
inline constexpr size_t kMaxNodeBytes = size_t{16} << 20;

// kInvalidArgument, with the flag, for what is no identifier: it goes into a header, and must not
// end it.
Status check_identifier(std::string_view flag, const std::string& text);
// A base address without the slashes at its end, so that paths can follow.
std::string without_slash(std::string url);

struct NodeTarget {
  enum class Kind : uint8_t { kNode, kAlias };

  Kind kind = Kind::kNode;
  std::string id;  // of a node: "bt1..."; of an alias: "datasphere.user.NAME"
  std::string folder;
  std::string url{kNodeApiUrl};

  // Of either `node` or `alias`, the other empty; an alias without a dot gets the prefix that the
  // console offers. kInvalidArgument names the flag.
  static Result<NodeTarget> from_flags(const std::string& node, const std::string& alias,
                                       const std::string& folder, const std::string& url);
  // x-node-id or x-node-alias, and x-folder-id.
  net::Headers headers() const;
};

}  // namespace samovar::cloud
