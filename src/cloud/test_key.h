// For tests: an RSA key pair made when it is first asked for, as a key.json.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace samovar::cloud {

inline constexpr const char* kTestKeyId = "ajek0test0key";
inline constexpr const char* kTestAccountId = "aje0test0account";

const std::string& test_private_pem();  // RSA, 2048 bits
const std::string& test_key_json();
// Whether `jwt` is signed with that key by PS256.
bool test_key_signed(const std::string& jwt);
// The bytes of base64url text without padding.
std::string from_base64url(std::string text);

}  // namespace samovar::cloud
