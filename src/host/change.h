// Change: one thing that `samovar host` does to a machine, and how it is taken back.
//
// Changes are data: they go into the journal as JSON, and are read back to be undone, perhaps by
// another version of the program. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/machine.h"
#include "host/zram.h"
#include "json/json_fwd.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace samovar::host {

class Change {
 public:
  virtual ~Change() = default;

  // What it makes, in a few words: "/etc/fstab", "sysctl net.ipv4.ip_forward=1".
  virtual std::string name() const = 0;
  // Commands as a person would type them and files with their text, a line each.
  virtual std::string describe() const = 0;
  // True where the machine is already as this change would make it.
  virtual Result<bool> holds(const Machine& machine) const = 0;
  // What undo() has to know, read before apply().
  virtual Result<json::Value> before(const Machine& machine) const = 0;
  virtual Status apply(const Machine& machine) const = 0;
  // Puts back what before() found; fine where it is back already, or where apply() did not get far.
  // kBusy, and nothing changed, where somebody else has changed the same thing since.
  virtual Status undo(const Machine& machine, const json::Value& before) const = 0;
  // After an undo() that failed and will not be tried again: what this program itself still knows
  // of the change goes, what the change made stays.
  virtual Status forget(const Machine& machine, const json::Value& before) const;
  // {"kind": "file", ...}; parse_change() reads it.
  virtual json::Value to_json() const = 0;
};

using ChangePointer = std::unique_ptr<const Change>;
using Changes = std::vector<ChangePointer>;  // in the order in which they are made
void append(Changes& changes, Changes more);

// kCorrupt for what to_json() of no change has written.
Result<ChangePointer> parse_change(const json::Value& value);

// The kinds. Paths are absolute.

// A file with exactly this text. A new one gets mode 0755 if it is `executable`, else 0644.
// `after`: a command for after writing and after undoing, or empty.
struct FileText {
  std::string path;
  std::string text;
  bool executable = false;
  Arguments after = {};
};
ChangePointer make_file_change(FileText file);
// One line more at the end of a text file.
ChangePointer make_line_change(std::string path, std::string line);
// A command with an opposite: it holds while `evidence` exists, as a module's folder in /sys/module
// or the link that a service manager makes.
ChangePointer make_command_change(Arguments apply, Arguments undo, std::string evidence);
// `key` with dots, as sysctl(8) has it.
ChangePointer make_sysctl_change(std::string key, std::string value);
// `device` as /proc/swaps names it.
ChangePointer make_swap_off_change(std::string device);
// Swap in compressed memory, without a service manager.
ChangePointer make_zram_change(ZramSwap swap);

// Commands whose effect no file of this machine shows: a mark is kept in kStepMarks.
struct Step {
  enum class When : uint8_t { kOnce, kAlways };  // kAlways: commands that change nothing twice
  std::string name;                              // of this step alone: "k0s-install"
  std::vector<Arguments> apply;
  std::vector<Arguments> undo = {};  // all of them, whether apply() came to its end or not
  std::string undo_needs = {};       // a path without which there is nothing left to undo
  std::string version = "done";      // what it was done with; another one is done anew
  std::string evidence = {};         // a path that is there while it holds; empty: the mark says it
  When when = When::kOnce;
  int64_t tries = 1;  // of each command, for what others are still to bring about
};
ChangePointer make_step_change(Step step);

inline constexpr char kStepMarks[] = "/var/lib/samovar-host/steps";
// What such a file holds before the step's last command has ended.
inline constexpr char kStepBegun[] = "begun\n";
// The file that says how far a step has come.
std::string step_mark(const std::string& name);

}  // namespace samovar::host
