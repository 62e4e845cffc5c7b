// ServiceKey: the key.json of a service account, as `yc iam key create` writes it.
//
// Must not know the network. No message of this file repeats what a member holds. Thread:
// plain values. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"

#include <string>
#include <string_view>

namespace samovar::cloud {

struct ServiceKey {
  std::string id;                  // names the public key to the cloud: "kid" of what it signs
  std::string service_account_id;  // whose key it is: "iss"
  Secret private_pem;              // PKCS #8 or PKCS #1, RSA
};

// kInvalidArgument says which member is missing or wrong. Other members are ignored.
Result<ServiceKey> parse_service_key(std::string_view text);
// The same from a file; kNotFound when there is none. Errors name it.
Result<ServiceKey> read_service_key(const std::string& path);

}  // namespace samovar::cloud
