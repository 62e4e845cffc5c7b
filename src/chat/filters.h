// Jinja's filters: what may stand behind the bar. As in jinja2, with transformers' tojson.
//
// map, select and the like give generators, which are evaluated at once here. Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/arguments.h"

#include <span>
#include <string_view>

namespace samovar::chat {

// The filter of that name, or null.
Native find_filter(std::string_view name);

// A path as `attribute=` takes it ("function.name", 0), to look into items with.
Result<Values> parse_attribute_path(const Value& attribute);
Result<Value> follow_path(Runtime& runtime, Value item, const Values& path);
// What items are compared by: what stands at the path, strings in lower case unless case matters.
Result<Value> sort_key(Runtime& runtime, const Value& item, const Values& path,
                       bool case_sensitive);

// The tables, one file each.
std::span<const NativeEntry> text_filters();
std::span<const NativeEntry> number_filters();
std::span<const NativeEntry> sequence_filters();
std::span<const NativeEntry> select_filters();

}  // namespace samovar::chat
