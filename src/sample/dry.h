// Dry: penalties for tokens that would go on with a repetition.
//
// Source: p-e-w, "DRY: A modern repetition penalty", text-generation-webui pull request 5677
// (2024). The work is linear in the history, however long its repetitions are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sample/params.h"

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace samovar::sample {

// The tokens after earlier occurrences of the end of `history` (oldest first), and what to subtract
// from their logits: multiplier * base^(match length - allowed length).
std::vector<std::pair<int32_t, float>> dry_penalties(std::span<const int32_t> history,
                                                     const Params& params);

}  // namespace samovar::sample
