// The flags about tools and thoughts: --jinja, --reasoning, --reasoning-format, --reasoning-budget
// and its message.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/reasoning_fields.h"
#include "base/status.h"
#include "cli/flags.h"

#include <cstdint>
#include <string>

namespace samovar::cli {

class ReasoningFlags {
 public:
  void declare(Flags& flags);
  // kInvalidArgument names the flag and what it takes.
  Result<api::ReasoningDefaults> defaults() const;
  bool takes_tools() const { return !no_jinja_; }

 private:
  std::string format_ = "auto", thinks_ = "auto", last_words_;
  int64_t budget_ = -1;
  bool jinja_ = false;  // always so
  bool no_jinja_ = false;
};

}  // namespace samovar::cli
