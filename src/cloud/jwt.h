// The JSON Web Token by which a service account asks for an IAM token.
//
// Source: RFC 7519 and RFC 7518, section 3.5 (PS256: RSASSA-PSS, SHA-256, MGF1 with SHA-256, salt
// as long as the hash). Thread: pure functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "cloud/service_key.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cloud {

// RFC 4648, section 5, without padding.
std::string base64url(std::string_view bytes);

// `life_s` <= 3600: the cloud takes no longer ones. kInvalidArgument when the key is no RSA key, or
// is damaged.
Result<Secret> sign_jwt(const ServiceKey& key, std::string_view audience, int64_t issued_unix_s,
                        int64_t life_s);

}  // namespace samovar::cloud
