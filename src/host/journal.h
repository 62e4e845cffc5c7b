// Journal: what `samovar host` has changed, and what was there before; on disk before it happens.
//
// `samovar cluster` keeps one of its own. A JSON file: {"version": 1, "entries": [{"change": {...},
// "before": {...}}]}, oldest first. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/change.h"
#include "host/machine.h"
#include "json/json_fwd.h"

#include <memory>
#include <string>
#include <vector>

namespace samovar::host {

class Journal {
 public:
  static constexpr char kPath[] = "/var/lib/samovar-host/journal.json";
  static constexpr char kClusterPath[] = "/var/lib/samovar-host/cluster.json";

  // BORROWS `machine`. Empty where there is no file; kCorrupt for one that can't be understood,
  // since without it nothing can be taken back.
  static Result<Journal> open(const Machine& machine, std::string path = kPath);
  ~Journal();
  Journal(Journal&&) noexcept;
  Journal& operator=(Journal&&) = delete;

  size_t size() const;
  bool empty() const { return size() == 0; }
  // What the change of entry `i` does.
  const Change& change(size_t i) const;
  // Does `change`, written down first; a change that an earlier run began keeps what that run
  // found. Nothing where the machine is so already. RETURNS whether anything was done.
  Result<bool> apply(const Change& change);
  // Takes entry `i` back and forgets it; it stays where that fails.
  Status undo(size_t i);
  // Leaves what entry `i` has changed as it is, for good.
  Status forget(size_t i);

 private:
  struct Entry;
  Journal(const Machine& machine, std::string path);
  Status read();
  Status write() const;
  bool has(const json::Value& change) const;
  // Lets entry `i` come to its end in this way, then drops it.
  using Way = Status (Change::*)(const Machine& machine, const json::Value& before) const;
  Status end(size_t i, Way way);

  const Machine* machine_;
  std::string path_;
  std::vector<Entry> entries_;
};

}  // namespace samovar::host
