// ClusterWishes: what `samovar cluster up` is asked for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>

namespace samovar::cluster {

enum class Monitoring : uint8_t {
  kBySize,  // kLight up to 8 GiB of RAM, else kFull
  kNone,
  kLight,  // Prometheus and Grafana
  kFull,   // all of kube-prometheus
};

struct ClusterWishes {
  // A cluster that exists, by its kubeconfig; empty: one node of k0s on this machine.
  std::string kubeconfig;
  std::string program;  // the absolute path of samovar
  std::string image;    // what pods run, by its full name: "localhost/samovar:0.1.0"
  // It in a tar file; empty: of this program, or none where a cluster exists.
  std::string image_file;
  std::string containerd = "/run/containerd/containerd.sock";  // where the image goes
  std::string model = "qwen2.5-coder:1.5b";
  // The node's folder of models, which pods read; empty: each pod fetches its own.
  std::string models;
  int64_t context = 8192;  // tokens of one answer; 0: what fits
  int64_t parallel = 2;    // answers at work together
  std::string kv = "i16";
  uint64_t memory_bytes = 0;  // the pod's limit; 0: what is left beside the others
  Monitoring monitoring = Monitoring::kBySize;
  bool wait = true;  // until everything answers
};

// kInvalidArgument: `model` is a path that no pod sees.
Status unseen_path(const std::string& model);
// kInvalidArgument for wishes that no cluster can come of: figures out of their range, and a model
// that no pod would find.
Status check_wishes(const ClusterWishes& wishes);

}  // namespace samovar::cluster
