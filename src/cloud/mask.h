// What others say, made fit to be shown: a server's error text may repeat what it was sent.
//
// Thread: pure functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace samovar::cloud {

// `text` with "[secret]" for every run of 8 or more characters that a secret has too. Cost: the
// length of `text` times that of the secrets.
std::string without_secrets(std::string_view text, const std::vector<Secret>& secrets);

// The same for a message: at most 300 bytes on one line.
std::string masked(std::string_view text, const std::vector<Secret>& secrets);

}  // namespace samovar::cloud
