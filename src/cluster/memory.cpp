#include "cluster/memory.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

constexpr uint64_t kMib = uint64_t{1} << 20;
constexpr uint64_t kLightUpTo = uint64_t{8} << 30;

// Measured on Kubernetes 1.33 for one node with kube-prometheus's kinds: 1,153 MiB resident, of
// which the apiserver has 562; and CoreDNS and the network.
constexpr int64_t kControlPlaneMib = 1216;
constexpr int64_t kSystemMib = 512;  // the distribution's own services
// From the requests and limits of kube-prometheus: Prometheus 300, Grafana 120, operator 100.
constexpr int64_t kLightMib = 576;
constexpr int64_t kFullMib = 1400;
constexpr int64_t kLeastMib = 512;
constexpr int64_t kElsewhereMib = 2560;  // the chart's limit, where this machine's RAM says nothing

int64_t monitoring_mib(Monitoring monitoring) {
  if (monitoring == Monitoring::kNone) return 0;
  return monitoring == Monitoring::kLight ? kLightMib : kFullMib;
}

// The chart's proportion.
PodMemory with_limit(int64_t limit_mib) {
  return {limit_mib, limit_mib * 7 / 10};
}

// `left_mib`: memory for the pod and for the zram beside it.
int64_t pod_swap_mib(const ClusterFacts& facts, const PodMemory& pod, int64_t left_mib) {
  const auto all = static_cast<int64_t>(facts.memory_bytes / kMib);
  const auto swap = static_cast<int64_t>(facts.swap_bytes / kMib);
  const auto zram = static_cast<int64_t>(facts.zram_bytes / kMib);
  return std::min(swap * pod.request_mib / all,
                  swap - zram + std::min(zram, left_mib - pod.limit_mib));
}

}  // namespace

Monitoring monitoring_of(const ClusterFacts& facts, const ClusterWishes& wishes) {
  if (wishes.monitoring != Monitoring::kBySize) return wishes.monitoring;
  return facts.memory_bytes <= kLightUpTo ? Monitoring::kLight : Monitoring::kFull;
}

Result<PodMemory> pod_memory(const ClusterFacts& facts, const ClusterWishes& wishes) {
  const auto wished = static_cast<int64_t>(wishes.memory_bytes / kMib);
  if (!wishes.kubeconfig.empty()) return with_limit(wished > 0 ? wished : kElsewhereMib);
  const auto all = static_cast<int64_t>(facts.memory_bytes / kMib);
  const int64_t monitoring = monitoring_mib(monitoring_of(facts, wishes));
  const int64_t left = all - kControlPlaneMib - kSystemMib - monitoring;
  if (left < std::max(kLeastMib, wished)) {
    return resource_exhausted(fmt::format(
        "memory: {} MiB - control plane {} - system {} - monitoring {} leave {} MiB for the pod, "
        "at least {} are needed (--monitoring none or light takes less)",
        all, kControlPlaneMib, kSystemMib, monitoring, left, std::max(kLeastMib, wished)));
  }
  PodMemory pod = with_limit(wished > 0 ? wished : left);
  pod.swap_mib = pod_swap_mib(facts, pod, left);
  return pod;
}

}  // namespace samovar::cluster
