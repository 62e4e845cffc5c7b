// RegistryChallenge: what a registry's 401 asks for: a password, or a token of a token service.
//
// Source: RFC 7235 section 4.1, and https://distribution.github.io/distribution/spec/auth/token/.
// Thread: plain values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "net/http_types.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cloud {

struct RegistryChallenge {
  enum class Kind : uint8_t { kBasic, kBearer };

  Kind kind = Kind::kBasic;
  std::string realm;    // of kBearer: the address of the token service
  std::string service;  // of kBearer

  // Of WWW-Authenticate. kUnsupported where neither is asked for, kCorrupt where it has no realm.
  static Result<RegistryChallenge> of(const net::Headers& headers);
};

// The password may go to the realm: it is at the registry itself (`registry`: "https://host"), or
// at `token_service`, which a person has named so ("https://auth.example.com"; may be empty).
// kInvalidArgument names both hosts.
Status check_realm(std::string_view realm, std::string_view registry,
                   std::string_view token_service);

}  // namespace samovar::cloud
