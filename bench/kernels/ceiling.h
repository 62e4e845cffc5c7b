// What this machine can do at most: multiply-adds of 8-bit integers and bytes read from memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sys/cpu.h"

#include <cstddef>
#include <span>

namespace samovar::bench {

// Runs the densest loop of 8-bit multiply-adds that `isa` has, about n_macs long; RETURNS the exact
// number of multiply-adds, 0 for a level without such a loop.
double run_int8_peak(sys::Isa isa, double n_macs);

// Reads every byte once; RETURNS a value that depends on them all.
size_t read_all(sys::Isa isa, std::span<const std::byte> bytes);

}  // namespace samovar::bench
