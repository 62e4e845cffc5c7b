// ClusterFacts: what `samovar cluster` needs to know of a machine before it proposes steps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "host/host_facts.h"
#include "host/machine.h"

#include <string>
#include <vector>

namespace samovar::cluster {

struct ClusterFacts {
  host::ServiceManager service_manager = host::ServiceManager::kNone;
  uint64_t memory_bytes = 0;
  uint64_t swap_bytes = 0;         // all areas, used or not
  uint64_t zram_bytes = 0;         // of them those in compressed memory
  std::string node;                // the name that Kubernetes gives this machine
  bool is_host = false;            // the kernel is set as Kubernetes wants it
  bool offers_containerd = false;  // it is missing, or was installed by us
  bool has_runc = false;           // which containerd starts
  bool offers_cni = false;         // /opt/cni is missing, or was made by us
  bool has_curl = false;           // which fetches
  bool has_foreign_k0s = false;    // a k0s that is not ours
  bool has_our_k0s = false;        // an installation of ours, be it half done
  bool runs_k0s = false;
  std::string package_manager;      // "apt-get", "dnf", "pacman", "apk"; empty: unknown
  std::vector<std::string> rivals;  // enabled services of other container engines
};

Result<ClusterFacts> read_cluster_facts(const host::Machine& machine);

}  // namespace samovar::cluster
