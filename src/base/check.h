// SAMOVAR_CHECK: our own bugs end the process with file, line and expression.
//
// Never reachable from input: bad input is a Status. SAMOVAR_DCHECK is for hot loops and is
// compiled out when NDEBUG is set.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar {
[[noreturn]] void check_failed(const char* expression, const char* file, int line);
}  // namespace samovar

#define SAMOVAR_CHECK(condition)                       \
  (static_cast<bool>(condition) ? static_cast<void>(0) \
                                : ::samovar::check_failed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define SAMOVAR_DCHECK(condition) static_cast<void>(sizeof(static_cast<bool>(condition)))
#else
#define SAMOVAR_DCHECK(condition) SAMOVAR_CHECK(condition)
#endif
