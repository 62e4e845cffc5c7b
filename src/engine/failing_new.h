// Operator new that fails at will, for tests. Replaces the program's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace samovar::engine {

// Allocations first..last (counted from 1) of all threads but the caller's throw std::bad_alloc,
// while this lives. One at a time.
class FailingNew {
 public:
  FailingNew(int64_t first, int64_t last);
  ~FailingNew();
  FailingNew(const FailingNew&) = delete;
  FailingNew& operator=(const FailingNew&) = delete;
  bool struck() const;
};

}  // namespace samovar::engine
