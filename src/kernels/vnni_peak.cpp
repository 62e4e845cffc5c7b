// SPDX-License-Identifier: Apache-2.0
#include "kernels/avx512.h"
#include "kernels/peak.inc.h"

namespace samovar::kernels {
namespace {

struct Vnni {
  using Vector = __m512i;
  static Vector set1(char value) { return _mm512_set1_epi8(value); }
  static Vector accumulate(Vector sum, Vector a) { return _mm512_dpbusd_epi32(sum, a, a); }
};

}  // namespace

void install_vnni_peak(KernelTable& table) {
  table.int8_peak = int8_peak<Vnni>;
}

}  // namespace samovar::kernels
