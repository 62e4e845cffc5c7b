// What commands that listen share: who could reach them, and the keys that clients must have.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "net/access.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {

// The words of "a,b"; empty ones are left out.
std::vector<std::string> split_list(const std::string& list);

// The first address that others than this machine can reach; empty when all are local.
std::string exposed_host(const std::vector<std::string>& hosts);

// `host` is reachable and no key is set: an error, or a warning on stderr when somebody decided so.
// OK when `host` is empty. `source`: "--host ", "OLLAMA_HOST=".
Status check_exposure(std::string_view source, const std::string& host, bool decided);

// Keys of a list with commas, and of a file; either may be empty.
Result<net::ApiKeys> read_api_keys(const std::string& list, const std::string& file);

Result<uint16_t> port_of(std::string_view flag, int64_t number);

}  // namespace samovar::cli
