// Flags: what a subcommand takes, as plain declarations that fill plain variables.
//
// Subcommands declare; parse.cpp hands the declarations to the command-line library. Every flag has
// a twin in the environment: --log-level is SAMOVAR_LOG_LEVEL. BORROWS the variables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace samovar::cli {

using FlagTarget = std::variant<bool*, int64_t*, double*, std::string*, std::vector<std::string>*>;

struct Flag {
  std::string names;  // "-n,--n-predict"; a positional has no dash: "model"
  FlagTarget target;
  std::string help;
  bool required = false;
  // Other programs' names for it: "LLAMA_ARG_N_PREDICT".
  std::vector<std::string> peer_environment = {};
  bool* given = nullptr;  // set when the flag has a value of the user's; may be null

  bool is_positional() const { return !names.starts_with('-'); }
  std::string long_name() const;    // "--n-predict"; "model"
  std::string environment() const;  // "SAMOVAR_N_PREDICT"; empty for positionals
};

class Flags {
 public:
  // A flag "--name" (or "-n,--name") that sets `target`; a bool* takes no value.
  void add(std::string names, FlagTarget target, std::string help) {
    flags_.push_back({std::move(names), target, std::move(help), false});
  }
  // The last one may come from this variable of the environment too; the first one set counts.
  void also_from(std::string variable) {
    flags_.back().peer_environment.push_back(std::move(variable));
  }
  // Sets `given` when the last one comes from the command line or the environment.
  void tell_if_given(bool* given) { flags_.back().given = given; }
  void add_required(std::string names, FlagTarget target, std::string help) {
    flags_.push_back({std::move(names), target, std::move(help), true});
  }
  const std::vector<Flag>& all() const { return flags_; }

 private:
  std::vector<Flag> flags_;
};

}  // namespace samovar::cli
