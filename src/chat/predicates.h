// Jinja's tests: what may stand behind `is`. Each gives a bool Value.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/arguments.h"

#include <string_view>

namespace samovar::chat {

// The test of that name, or null.
Native find_test(std::string_view name);

}  // namespace samovar::chat
