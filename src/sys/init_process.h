// What process 1 of a container owes the others: it reaps whoever is left to it and hands signals
// on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

namespace samovar::sys {

// Does nothing unless this is process 1. There it forks: the child returns and does the work,
// process 1 hands on every signal that reaches it, reaps all, and ends when the child does, with
// its exit code (128 + signal if it was killed). REQUIRES: no other thread runs yet.
Status split_off_init();

}  // namespace samovar::sys
