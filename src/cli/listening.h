// What commands that listen share: who could reach them, the keys that clients must have, and how
// many connections an address may have.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/flags.h"
#include "net/access.h"

#include <cstddef>
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

// kInvalidArgument, naming `flag`, for what is no time from 0 to a day.
Status check_seconds(std::string_view flag, int64_t seconds);

// --connections-per-address. Behind a proxy all clients have one address, but keys tell them apart.
class AddressLimit {
 public:
  void declare(Flags& flags);
  // ServerOptions::max_connections_per_ip; `has_keys`: clients must have one.
  Result<size_t> connections(bool has_keys) const;

 private:
  int64_t n_connections_ = 64;
  bool given_ = false;
};

}  // namespace samovar::cli
