// The questions of `samovar datasphere check`: key, token, folder, roles, node.
//
// Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/node_client.h"
#include "cloud/rest_client.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::cloud {

struct Finding {
  enum class State : uint8_t { kGood, kUnsure, kBad };
  State state = State::kGood;
  std::string what;  // "folder"
  std::string text;  // one line; says what to do where something is wrong
};

struct AccountFacts {
  std::string key_file;  // empty: other credentials
  std::string folder;
};

// In order; what can't be asked because of an earlier answer is left out. `node` may be null.
std::vector<Finding> check_account(const AccountFacts& facts, Credentials& credentials,
                                   RestClient& rest, NodeClient* node);

}  // namespace samovar::cloud
