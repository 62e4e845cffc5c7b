// PlanReport: what `samovar plan` says, as text and as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/model_outline.h"
#include "json/json_fwd.h"
#include "plan/plan.h"
#include "sys/memory.h"

#include <optional>
#include <string>
#include <vector>

namespace samovar::cli {

// One change that makes it fit.
struct Alternative {
  std::string change;  // "--ctx-size 4096", "qwen2.5-coder:0.5b"
  std::string effect;  // "12 MiB would be left"
};

struct PlanReport {
  const ModelOutline* outline = nullptr;  // BORROWS
  plan::Plan plan;
  std::string kv;  // "i16"
  std::optional<sys::MachineMemory>
      memory;  // of this machine; nothing: --memory says what there is
  std::vector<Alternative> alternatives = {};
};

std::string plan_text(const PlanReport& report);
json::Value plan_json(const PlanReport& report);
// "1066 MiB": binary, as Kubernetes and cgroups count.
std::string mebibytes(uint64_t bytes);

}  // namespace samovar::cli
