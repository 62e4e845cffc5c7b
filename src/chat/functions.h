// Functions every template can call: range, dict, namespace, raise_exception, strftime_now.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/arguments.h"

#include <span>

namespace samovar::chat {

std::span<const NativeEntry> global_functions();

}  // namespace samovar::chat
