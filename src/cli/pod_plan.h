// Whether a model fits into the pod that `samovar cluster up` would give it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/environment.h"
#include "cluster/memory.h"
#include "cluster/wishes.h"

namespace samovar::cli {

// From the model's header alone: of a file below `wishes.models`, of a model cached there, else as
// `samovar plan` finds it. kResourceExhausted with the plan's summary where it does not fit into
// `memory.limit_mib` and its swap, kInvalidArgument for figures that no plan can be made of and for
// names that are none, kNotFound for one that the catalog of this program, which pulls it, lacks. A
// header that can't be read is an error where it is that of a file on this machine; else it is said
// on stderr, and the pod checks again. THREAD: blocks.
Status check_pod_plan(const cluster::ClusterWishes& wishes, const cluster::PodMemory& memory,
                      const Environment& environment);

}  // namespace samovar::cli
