// plan_alternatives(): what to change where a plan does not fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/model_outline.h"
#include "cli/plan_report.h"
#include "cli/session.h"
#include "plan/plan.h"
#include "store/store.h"

#include <vector>

namespace samovar::cli {

// Best first: the same context with smaller keys and values, the largest context that fits, a
// smaller file of the same Hugging Face repository, the largest model of the catalog. Each has been
// planned, from headers alone; those that can't be read are passed over.
std::vector<Alternative> plan_alternatives(const store::Store& models, const ModelOutline& outline,
                                           const ModelOptions& options, kernels::KvType kv,
                                           const plan::MachineFacts& machine);

}  // namespace samovar::cli
