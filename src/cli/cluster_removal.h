// remove_cluster(): the journal of `samovar cluster up` backwards, then that of `host setup`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/machine.h"

namespace samovar::cli {

struct ClusterRemoval {
  bool keep_host = false;  // what `host setup` has changed stays
  bool forget = false;     // what can't be taken back is left, for good
  bool reboot = false;     // at the end, where all is taken back
};

// What somebody has edited (kBusy) does not keep the rest, and is the error at the end; any other
// failure stops it before the host's changes, which what is left may stand on.
Status remove_cluster(const host::Machine& machine, const ClusterRemoval& removal);

}  // namespace samovar::cli
