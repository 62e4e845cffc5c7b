// Command: one subcommand, and the table of all of them.
//
// A subcommand is a file of its own: it declares its flags and runs. It must not read argv or the
// environment but through what is given here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/environment.h"
#include "cli/flags.h"

#include <memory>
#include <span>
#include <string_view>

namespace samovar::cli {

class Command {
 public:
  virtual ~Command() = default;
  // Declares the flags, their targets are members of the command.
  virtual void declare(Flags& flags) = 0;
  virtual Status run(const Environment& environment) = 0;
};

struct CommandEntry {
  std::string_view name;     // "pull"; "debug tokenize" for one inside a group
  std::string_view summary;  // one line for --help
  std::unique_ptr<Command> (*make)();
};

// In the order in which --help lists them.
std::span<const CommandEntry> command_table();

std::unique_ptr<Command> make_pull();
std::unique_ptr<Command> make_run();
std::unique_ptr<Command> make_serve();
std::unique_ptr<Command> make_health();
std::unique_ptr<Command> make_ps();
std::unique_ptr<Command> make_kill();
std::unique_ptr<Command> make_bench();
std::unique_ptr<Command> make_perplexity();
std::unique_ptr<Command> make_debug_render();
std::unique_ptr<Command> make_list();
std::unique_ptr<Command> make_show();
std::unique_ptr<Command> make_rm();
std::unique_ptr<Command> make_host_setup();
std::unique_ptr<Command> make_host_status();
std::unique_ptr<Command> make_host_undo();
std::unique_ptr<Command> make_host_zram();
std::unique_ptr<Command> make_cluster_up();
std::unique_ptr<Command> make_cluster_status();
std::unique_ptr<Command> make_cluster_down();
std::unique_ptr<Command> make_cluster_image();
std::unique_ptr<Command> make_version();
std::unique_ptr<Command> make_debug_tokenize();
std::unique_ptr<Command> make_debug_logits();

}  // namespace samovar::cli
