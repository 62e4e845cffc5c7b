// SPDX-License-Identifier: Apache-2.0
#include "kernels/ceiling.h"

#include <cstdint>
#include <cstring>
#include <immintrin.h>

namespace samovar::bench {
namespace {

constexpr int kChains = 12;  // latency 4 to 5, two per cycle: at least ten

// Hides a register from the optimiser.
#define SAMOVAR_OPAQUE(reg) asm volatile("" : "+v"(reg))

__attribute__((target("avx512f,avx512bw,avx512vnni"))) double peak_vnni(int64_t rounds) {
  __m512i sum[kChains];
#pragma GCC unroll 12
  for (__m512i& s : sum) s = _mm512_setzero_si512();
  const __m512i a = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) {
      sum[c] = _mm512_dpbusd_epi32(sum[c], a, a);
      SAMOVAR_OPAQUE(sum[c]);
    }
  }
  return static_cast<double>(rounds) * kChains * 64;
}

__attribute__((target("avx512f,avx512bw"))) double peak_avx512(int64_t rounds) {
  __m512i sum[kChains];
#pragma GCC unroll 12
  for (__m512i& s : sum) s = _mm512_setzero_si512();
  __m512i a = _mm512_set1_epi8(1);
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) {
      SAMOVAR_OPAQUE(a);
      sum[c] = _mm512_add_epi16(sum[c], _mm512_maddubs_epi16(a, a));
      SAMOVAR_OPAQUE(sum[c]);
    }
  }
  return static_cast<double>(rounds) * kChains * 64;
}

__attribute__((target("avx2"))) double peak_avx2(int64_t rounds) {
  __m256i sum[kChains];
#pragma GCC unroll 12
  for (__m256i& s : sum) s = _mm256_setzero_si256();
  __m256i a = _mm256_set1_epi8(1);
  for (int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) {
      SAMOVAR_OPAQUE(a);
      sum[c] = _mm256_add_epi16(sum[c], _mm256_maddubs_epi16(a, a));
      SAMOVAR_OPAQUE(sum[c]);
    }
  }
  return static_cast<double>(rounds) * kChains * 32;
}

__attribute__((target("avx2"))) size_t read_avx2(std::span<const std::byte> bytes) {
  __m256i sum[4] = {};
  for (size_t at = 0; at + 128 <= bytes.size(); at += 128) {
    for (size_t c = 0; c < 4; ++c) {
      __m256i v;
      std::memcpy(&v, bytes.data() + at + 32 * c, sizeof v);
      sum[c] = _mm256_xor_si256(sum[c], v);
    }
  }
  const __m256i all =
      _mm256_xor_si256(_mm256_xor_si256(sum[0], sum[1]), _mm256_xor_si256(sum[2], sum[3]));
  return static_cast<size_t>(_mm256_extract_epi64(all, 0));
}

}  // namespace

double run_int8_peak(sys::Isa isa, double n_macs) {
  const auto rounds = static_cast<int64_t>(n_macs / (kChains * 64));
  switch (isa) {
    case sys::Isa::kScalar:
      return 0;
    case sys::Isa::kAvx2:
      return peak_avx2(rounds);
    case sys::Isa::kAvx512:
      return peak_avx512(rounds);
    case sys::Isa::kVnni:
      return peak_vnni(rounds);
  }
  return 0;
}

size_t read_all(sys::Isa isa, std::span<const std::byte> bytes) {
  if (isa >= sys::Isa::kAvx2) return read_avx2(bytes);
  uint64_t sum = 0;
  for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    uint64_t v = 0;
    std::memcpy(&v, bytes.data() + at, sizeof v);
    sum ^= v;
  }
  return sum;
}

}  // namespace samovar::bench
