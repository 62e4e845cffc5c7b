// Runtime: what one render may still spend, and the makers of values that keep to it.
//
// Owns the namespaces of the render. Knows nothing of syntax. Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/template.h"
#include "chat/value.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace samovar::chat {

// What Python would answer with an exception: `message` is the sentence, the line is added above.
inline Status runtime_error(std::string message) {
  return unsupported(std::move(message));
}

// Prices, chosen so that the 5 million steps of the default limits end within some 100 ms and 100
// MB for each template of hostile_test.cpp.
inline constexpr size_t kBytesPerStep = 16;
inline constexpr int64_t kStepsPerItem = 4;     // of a list or dict that is made
inline constexpr int64_t kStepsPerString = 16;  // of a text cut into many

class Runtime {
 public:
  Runtime(const RenderLimits& limits, int64_t now_unix_s)
      : limits_(limits), now_unix_s_(now_unix_s), steps_left_(limits.max_steps) {}

  const RenderLimits& limits() const { return limits_; }
  int64_t now_unix_s() const { return now_unix_s_; }
  int64_t steps_left() const { return steps_left_; }

  // kTooLarge once the render has done max_steps of work.
  Status spend(int64_t steps);
  // For work over `n_bytes` that is a walk or a copy.
  Status spend_bytes(size_t n_bytes) {
    return spend(1 + static_cast<int64_t>(n_bytes / kBytesPerStep));
  }
  // kTooLarge for a text (or output) of this size.
  Status check_size(size_t n_bytes) const;

  Result<Value> make_string(Text text);
  Result<Value> make_markup(Text text);
  Result<Value> make_list(Values items, ListKind kind = ListKind::kList);
  Result<Value> make_dict(Dict dict);
  Value make_namespace(Namespace attributes);

  // The items a for would walk over, in order: list items, dict keys, characters. Spends a
  // generator.
  Result<Values> iterate(const Value& value);
  // Python's ==.
  Result<bool> equal(const Value& a, const Value& b);

 private:
  Status check_depth(int depth) const;
  Result<bool> equal_lists(const List& a, const List& b);
  Result<bool> equal_dicts(const Dict& a, const Dict& b);

  const RenderLimits limits_;
  const int64_t now_unix_s_;
  int64_t steps_left_;
  std::vector<std::unique_ptr<Namespace>> namespaces_;
};

}  // namespace samovar::chat
