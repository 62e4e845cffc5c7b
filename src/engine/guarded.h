// guarded(): where exceptions of libraries end on the engine thread. The request that the work was
// for fails, the thread lives on. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <new>
#include <string>
#include <system_error>

namespace samovar::engine {

// RETURNS what `work` returned, or kResourceExhausted: out_of_memory(), or what the system refused,
// which is a thread as a rule.
template <class Work>
Status guarded(const Work& work) {
  try {
    try {
      return work();
    } catch (const std::system_error& refused) {
      return resource_exhausted(std::string("the system refused a thread or a lock: ") +
                                refused.what() +
                                "; see its limits of processes and memory (ulimit -u, pids.max)");
    }
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

}  // namespace samovar::engine
