// Members of the cloud's JSON objects, which may be missing or of another type.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "json/json_fwd.h"

#include <string>

namespace samovar::cloud {

// Null when `object` is none, or has no member of that name and type. BORROWS from `object`.
const json::Value* member(const json::Value& object, const char* name);
const std::string* text_member(const json::Value& object, const char* name);
// "" where there is none.
std::string text_or_empty(const json::Value& object, const char* name);

}  // namespace samovar::cloud
