// Spellings of flags that other programs taught people, and the flags they stand for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace samovar::cli {

// "-ctk" becomes "--cache-type-k", "-ctk=q8_0" becomes "--cache-type-k=q8_0". Words after "--"
// stay.
void rewrite_peer_flags(std::vector<std::string>& arguments);

}  // namespace samovar::cli
