// SPDX-License-Identifier: Apache-2.0
#include "kernels/peak.inc.h"

#include <immintrin.h>

namespace samovar::kernels {
namespace {

struct Maddubs {
  using Vector = __m256i;
  static Vector set1(char value) { return _mm256_set1_epi8(value); }
  static Vector accumulate(Vector sum, Vector a) {
    return _mm256_add_epi16(sum, _mm256_maddubs_epi16(a, a));
  }
};

}  // namespace

void install_avx2_peak(KernelTable& table) {
  table.int8_peak = int8_peak<Maddubs>;
}

}  // namespace samovar::kernels
