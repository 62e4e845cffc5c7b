// The instruction-set level of this run: SAMOVAR_ISA, else the best this machine has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/environment.h"
#include "sys/cpu.h"

namespace samovar::cli {

inline Result<sys::Isa> chosen_isa(const Environment& environment) {
  auto isa = sys::choose_isa(environment.get("SAMOVAR_ISA").value_or(""));
  if (!isa.ok()) return isa.status().with_context("SAMOVAR_ISA");
  return isa;
}

}  // namespace samovar::cli
