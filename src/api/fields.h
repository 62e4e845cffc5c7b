// Fields: reads the members of a request body with types, ranges and defaults.
//
// The first wrong member is remembered and everything after it reads as its default, so parsing
// code is a plain list; look at error() once at the end. null is the same as absent; 8.0 is an
// integer, "8" is not a number. Thread: one at a time. BORROWS the object.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/error.h"
#include "api/field_record.h"
#include "json/json_fwd.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// The most that a field may say which becomes an int32_t.
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();

// The whole number that `value` is: 8, and 8.0 too; none beyond 2^53 for the latter.
std::optional<int64_t> as_integer(const json::Value& value);

class Fields {
 public:
  // `prefix` is put before names in errors: "stream_options.". REQUIRES: `object` is an object.
  explicit Fields(const json::Value& object, std::string prefix = "");
  // A member of `outer`, which hears of its first problem. REQUIRES: `object` is an object.
  Fields(Fields& outer, std::string_view name, const json::Value& object);

  // Null when absent or JSON null.
  const json::Value* find(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }

  int64_t integer(std::string_view name, int64_t fallback, int64_t min, int64_t max,
                  Range range = Range::kReject);
  double number(std::string_view name, double fallback, double min, double max,
                Range range = Range::kReject);
  bool boolean(std::string_view name, bool fallback);
  std::string string(std::string_view name, std::string_view fallback);
  // A string, or an array of strings; empty when absent.
  std::vector<std::string> strings(std::string_view name);

  // `name` with this object's prefix: how errors name the member.
  std::string path(std::string_view name) const { return prefix_ + std::string(name); }
  // Remembers `error` unless one is remembered already.
  void fail(ApiError error);
  // Fails with missing_required_parameter: "`name` is missing".
  void fail_missing(std::string_view name);
  // Fails with invalid_type: "`name` must be EXPECTED, not FOUND".
  void fail_type(std::string_view name, std::string_view expected, const json::Value& found);
  const std::optional<ApiError>& error() const { return error_; }

 private:
  void note(std::string_view name, const FieldRead& read) const;

  const json::Value& object_;
  Fields* outer_ = nullptr;
  std::string prefix_;
  std::optional<ApiError> error_;
};

}  // namespace samovar::api
