// AVX-512: the CPU's own intrinsics and the few instructions written as asm; or, where
// SAMOVAR_SIMDE is defined, SIMDe's AVX2 versions of both, so that tests of these levels run on any
// CPU with AVX2.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(SAMOVAR_SIMDE)
#include "kernels/avx512_simde.h"
#else

#include <immintrin.h>

namespace samovar::kernels {
namespace {

// sum += u x s of four bytes in each lane, u unsigned. Asm, since GCC 12 copies sums that a loop
// carries through the intrinsic (docs/decisions/0003).
inline void dpbusd(__m512i& sum, __m512i u, __m512i s) {
  asm volatile("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(u), "v"(s));
}
// The same with the four bytes at `s` in every lane.
inline void dpbusd_word(__m512i& sum, __m512i u, const signed char* s) {
  struct [[gnu::may_alias]] Word {
    signed char bytes[4];
  };
  asm volatile("vpdpbusd %2%{1to16%}, %1, %0"
               : "+v"(sum)
               : "v"(u), "m"(*reinterpret_cast<const Word*>(s)));
}
// sum += a x b of two int16 in each lane.
inline void dpwssd(__m512i& sum, __m512i a, __m512i b) {
  asm volatile("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
}
// Makes the value here and now: GCC 12 otherwise delays a chain of sums and spills all its
// products.
inline void settle(__m512i& value) {
  asm("" : "+v"(value));
}

}  // namespace
}  // namespace samovar::kernels

#endif
