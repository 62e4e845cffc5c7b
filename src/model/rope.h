// RopeTable: rotation frequencies of one kind of layer, all scaling rules folded in.
//
// Linear, YaRN and llama3 scaling only change the frequency of each pair and one common magnitude,
// so a rotation is cos and sin of position * frequency. Computed in double, rounded once to f32.
// Thread: const after make().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/config.h"

#include <cstdint>
#include <span>
#include <vector>

namespace samovar::model {

enum class LayerKind : uint8_t { kGlobal, kWindowed };

class RopeTable {
 public:
  // `freq_divisors`: [n_rot / 2] of rope_freqs.weight, or empty.
  static RopeTable make(const RopeConfig& config, LayerKind kind,
                        std::span<const float> freq_divisors);

  // cos_sin: [n_rot / 2] pairs for KernelTable::rope_norm and rope_neox.
  void fill(int32_t position, float* cos_sin) const;

 private:
  std::vector<double> frequency_;  // [n_rot / 2] radians per position
  double magnitude_ = 1.0;
};

}  // namespace samovar::model
