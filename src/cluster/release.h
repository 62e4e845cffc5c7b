// release_changes(): the server itself, from the manifests that the chart renders to.
//
// What the wishes change in them is a patch that kubectl's own kustomize applies, so that the files
// in kFolder can be read, and used without us. THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/memory.h"
#include "cluster/wishes.h"
#include "host/change.h"

#include <string>
#include <vector>

namespace samovar::cluster {

inline constexpr char kReleaseName[] = "llama-server";
// The step whose mark tells that the StatefulSet of that name is ours.
inline constexpr char kReleaseStep[] = "release";
inline constexpr char kImageName[] = "localhost/samovar";
std::string image_tag(const std::string& version);

// Image, model, manifests. `monitored`: the cluster has the operator's kinds.
std::vector<host::ChangePointer> release_changes(const ClusterWishes& wishes,
                                                 const PodMemory& memory, bool monitored);
// The patch of the StatefulSet.
std::string release_patch(const ClusterWishes& wishes, const PodMemory& memory);

}  // namespace samovar::cluster
