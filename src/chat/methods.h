// Methods of str, dict, list and loop that templates may call. Those that change their object are
// not among them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/arguments.h"

#include <string_view>

namespace samovar::chat {

// The method of that name that `object` has, or null.
const NativeEntry* find_method(const Value& object, std::string_view name);

// Also behind the filters of the same names. REQUIRES: subject.string().
Result<Value> replace_method(Runtime& runtime, const Value& subject, const Arguments& arguments);
Result<Value> strip_method(Runtime& runtime, const Value& subject, const Arguments& arguments);
Result<Value> upper_method(Runtime& runtime, const Value& subject, const Arguments& arguments);
Result<Value> lower_method(Runtime& runtime, const Value& subject, const Arguments& arguments);
Result<Value> capitalize_method(Runtime& runtime, const Value& subject, const Arguments& arguments);

// The tables of str, one file each.
std::span<const NativeEntry> string_methods();
std::span<const NativeEntry> string_search_methods();
std::span<const NativeEntry> string_split_methods();

}  // namespace samovar::chat
