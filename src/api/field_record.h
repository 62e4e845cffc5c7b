// FieldRecord: what the parsers of this thread read of request bodies while it lives: names, types,
// defaults and ranges. Tests hold the description of the API (web/openapi.json) against it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::api {

enum class Range : uint8_t { kReject, kClamp };

struct FieldRead {
  enum class Kind : uint8_t { kAny, kInteger, kNumber, kBoolean, kString, kStrings };
  Kind kind = Kind::kAny;
  std::optional<double> fallback;  // of a number; of a boolean 0 or 1
  std::optional<double> min, max;  // none: all that the type holds
  Range range = Range::kReject;
};

class FieldRecord {
 public:
  FieldRecord();  // of this thread, until it ends; the one before waits
  ~FieldRecord();
  FieldRecord(const FieldRecord&) = delete;
  FieldRecord& operator=(const FieldRecord&) = delete;

  // By path, without the numbers of array items: "messages[].content".
  const std::map<std::string, FieldRead>& reads() const { return reads_; }

  static bool wanted();  // whether this thread has a record
  // REQUIRES: wanted().
  static void note(std::string_view path, const FieldRead& read);

 private:
  std::map<std::string, FieldRead> reads_;
  FieldRecord* before_;
};

}  // namespace samovar::api
