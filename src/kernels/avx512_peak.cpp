// SPDX-License-Identifier: Apache-2.0
#include "kernels/avx512.h"
#include "kernels/peak.inc.h"

namespace samovar::kernels {
namespace {

struct Maddubs {
  using Vector = __m512i;
  static Vector set1(char value) { return _mm512_set1_epi8(value); }
  static Vector accumulate(Vector sum, Vector a) {
    return _mm512_add_epi16(sum, _mm512_maddubs_epi16(a, a));
  }
};

}  // namespace

void install_avx512_peak(KernelTable& table) {
  table.int8_peak = int8_peak<Maddubs>;
}

}  // namespace samovar::kernels
