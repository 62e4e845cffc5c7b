// object.name, object[index] and object[start:stop:step] with Jinja's rules.
//
// What is not there is undefined; looking into an undefined value is an error. Methods that would
// change a list or dict are refused, as the immutable sandbox does. Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/runtime.h"
#include "chat/value.h"

#include <optional>
#include <string>

namespace samovar::chat {

// Methods win over keys of a dict. `name` must outlive the render.
Result<Value> get_attribute(Runtime& runtime, const Value& object, const std::string& name);
// Keys of a dict win over methods.
Result<Value> get_item(Runtime& runtime, const Value& object, const Value& index);

struct Slice {
  std::optional<int64_t> start = std::nullopt;
  std::optional<int64_t> stop = std::nullopt;
  std::optional<int64_t> step = std::nullopt;
};
Result<Value> get_slice(Runtime& runtime, const Value& object, const Slice& slice);

}  // namespace samovar::chat
