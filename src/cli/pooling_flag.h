// The value of --pooling.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "model/config.h"

#include <optional>
#include <string_view>

namespace samovar::cli {

// "none", "mean", "cls" or "last"; nothing for an empty name: what the model's file says.
Result<std::optional<model::Pooling>> parse_pooling(std::string_view name);

}  // namespace samovar::cli
