// Addresses as messages, logs and ids may say them. Pure functions.
// SPDX-License-Identifier: Apache-2.0
// Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace samovar::store {

// "https://host/path": without user, password, query and fragment.
std::string shown_url(std::string_view url);
// A model's name: of an address that, else as it is.
std::string shown_name(std::string_view name);

}  // namespace samovar::store
