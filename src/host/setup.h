// setup_changes(): what turns a small machine into a host for models and a single-node Kubernetes.
//
// A pure function of facts and wishes, in the order in which the changes are made.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/change.h"
#include "host/host_facts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::host {

struct SetupWishes {
  bool zram = true;         // swap in compressed memory, and no other swap
  uint64_t zram_bytes = 0;  // of what goes in; 0: as much as there is memory
  std::string zram_algorithm = "lzo-rle";
  bool kubernetes = true;  // modules, sysctls and the line in /etc/hosts
  std::string serve;       // a model that a service of samovar serves; empty: none
  std::string program;     // the absolute path of samovar, for services
};

// kBusy where another program looks after zram, or a unit of the machine's own after swap;
// kUnsupported for an algorithm that the kernel lacks and for `serve` without a service manager;
// kInvalidArgument for a program, or a model's file, that a service could not read.
Result<std::vector<ChangePointer>> setup_changes(const HostFacts& facts, const SetupWishes& wishes);

}  // namespace samovar::host
