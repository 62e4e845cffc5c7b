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
enum class OnFailure : uint8_t { kStop, kGoOn };
// Takes all back, last one first, each said when it is done. With kGoOn what can't be taken back
// does not keep the others.
Status undo_changes(host::Journal& journal, OnFailure on_failure);

}  // namespace samovar::cli
