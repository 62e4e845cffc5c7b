// Kernel proof: does every kernel of a level give, on this CPU, the bits that scalar code gives?
//
// A level is a promise of equal bits (docs/formats/activations.md); a CPU, a hypervisor or a build
// that breaks it gives wrong answers without a word. Takes some milliseconds a level.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "kernels/table.h"

namespace samovar::engine {

// kInternal names the first kernel of `table` whose results are not those of `reference`, bit by
// bit, over matrix products of all weight types, quantized activations, norms, rotations,
// activations and attention over all types of the KV cache.
Status prove_kernels(const kernels::KernelTable& table, const kernels::KernelTable& reference);

}  // namespace samovar::engine
