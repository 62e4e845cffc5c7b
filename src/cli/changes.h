// Changes of this machine as commands show, make and take them back: shared by host and cluster.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/journal.h"

#include <string>
#include <vector>

namespace samovar::cli {

using host::Changes;

// kInvalidArgument with the command that works unless the process is root's. `command`: "samovar
// host setup".
Status need_root(const std::string& command);
// What would be done, to stdout; `done`: the sentence for nothing to do.
Status show_changes(const host::Machine& machine, const Changes& changes, const std::string& done);
// Does what does not hold, each said before it is done. RETURNS how many there were; an error says
// how to go on, `undo`: the command that goes back.
Result<int64_t> apply_changes(host::Journal& journal, const host::Machine& machine,
                              const Changes& changes, const std::string& undo);
// A line for each change, last one first.
std::string undo_list(const host::Journal& journal);
// What would be taken back, to stdout; `list`: of undo_list(), and what else comes then.
Status show_undo(const std::string& list);
enum class OnFailure : uint8_t {
  kStop,    // what stands on what failed would be in the way of the rest
  kGoOn,    // what can't be taken back does not keep the others
  kForget,  // it is left as it is, and no longer in the journal
};
// Takes all back, last one first, each said when it is done. What somebody has changed since
// (kBusy) never keeps the others: the error comes at the end, and is kBusy if nothing else failed.
Status undo_changes(host::Journal& journal, OnFailure on_failure);

}  // namespace samovar::cli
