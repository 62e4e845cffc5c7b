// guarded(): where exceptions of libraries end on the engine thread. The request that the work was
// for fails, the thread lives on. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <new>

namespace samovar::engine {

// RETURNS what `work` returned, or out_of_memory().
template <class Work>
Status guarded(const Work& work) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  }
}

}  // namespace samovar::engine
