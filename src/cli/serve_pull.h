// A model that is pulled to be run on this machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/store.h"

#include <atomic>
#include <string>

namespace samovar::cli {

// Pulls `name`, with its progress on stderr. kCancelled once `told_to_end`;
// kResourceExhausted, before its bytes are fetched, for a model larger than this machine's memory.
Result<store::PulledModel> pull_to_serve(const store::Store& models, const std::string& name,
                                         const std::atomic<bool>& told_to_end);

}  // namespace samovar::cli
