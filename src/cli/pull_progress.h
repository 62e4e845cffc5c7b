// Work of the store that shows its progress on stderr.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"

#include <atomic>
#include <functional>
#include <string>

namespace samovar::cli {

// Calls `work` with a sink that shows what it is told; then ends the line. `goes_on` is asked at
// each step; false stops the work. May be empty.
Status with_progress(const std::function<Status(const store::ProgressSink&)>& work,
                     const std::function<bool(const store::Progress&)>& goes_on = {});
// Store::pull() so.
Result<store::PulledModel> pull_with_progress(
    const store::Store& models, const std::string& name,
    const std::function<bool(const store::Progress&)>& goes_on = {},
    const std::atomic<bool>* cancel = nullptr);

}  // namespace samovar::cli
