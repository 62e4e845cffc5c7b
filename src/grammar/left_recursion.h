// Left recursion: a rule that calls itself before it has read a byte. The matcher would push for
// ever. Thread: pure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/network.h"

namespace samovar::grammar {

// kInvalidArgument naming the circle: "left recursion: a -> b -> a".
Status check_left_recursion(const Network& network);

}  // namespace samovar::grammar
