// kernel_bench [--isa LEVEL] [--type NAME] [--k K --n N]: matrix products of one thread beside what
// the machine can do. GB/s of weights read at one token (matrices far larger than the caches),
// GMAC/s at more tokens; best of several runs, peaks measured just before. Output: one line per
// type.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/ceiling.h"
#include "kernels/select.h"
#include "sys/cpu.h"
#include "tensor/dtype.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

namespace samovar::bench {
namespace {

using kernels::ActFormat;
using kernels::ActRow;
using kernels::KernelTable;
using kernels::MatmulFn;

constexpr DType kTypes[] = {DType::kQ4_K, DType::kQ6_K, DType::kQ4_1,   DType::kQ5_0,
                            DType::kQ8_0, DType::kQ4_0, DType::kQ5_1,   DType::kQ5_K,
                            DType::kQ2_K, DType::kQ3_K, DType::kIQ4_NL, DType::kIQ4_XS,
                            DType::kF16,  DType::kBF16, DType::kF32};
constexpr int64_t kTokens[] = {1, 2, 4, 8, 16, 32, 128, 512};
constexpr size_t kStreamBytes = size_t{192} << 20;  // far past every cache
constexpr double kBudgetSeconds = 0.06;             // per figure

struct Shape {
  int64_t k = 1536;
  int64_t n = 1536;
};

// [n_tokens, k] activations in every format, the same for all tokens.
struct Activations {
  explicit Activations(int64_t k, int64_t n_tokens)
      : values(static_cast<size_t>(k * n_tokens), 0.5F),
        blocks(static_cast<size_t>(k / kernels::kActBlock * n_tokens)) {
    kernels::ActBlock block = {};
    std::fill(std::begin(block.codes), std::end(block.codes), int8_t{60});
    std::fill(std::begin(block.sums), std::end(block.sums), int16_t{60 * 16});
    std::fill(std::begin(block.wide_sums), std::end(block.wide_sums), int16_t{60 * 32});
    std::fill(std::begin(block.scales), std::end(block.scales), 0.01F);
    std::fill(blocks.begin(), blocks.end(), block);
    for (int64_t t = 0; t < n_tokens; ++t) {
      rows.push_back({values.data() + t * k, blocks.data() + t * (k / kernels::kActBlock)});
    }
  }
  std::vector<float> values;
  std::vector<kernels::ActBlock> blocks;
  std::vector<ActRow> rows;
};

template <class F>
double best_seconds(F f) {
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  double best = 1e9;
  const auto start = Clock::now();
  do {
    const auto begin = Clock::now();
    f();
    best = std::min(best, seconds_since(begin));
  } while (seconds_since(start) < kBudgetSeconds);
  return best;
}

double peak_gmacs(sys::Isa isa) {
  double macs = 0;
  const double seconds = best_seconds([&] { macs = run_int8_peak(isa, 5e8); });
  return macs / seconds * 1e-9;
}

double read_gbs(sys::Isa isa, const std::vector<std::byte>& bytes) {
  volatile size_t sink = 0;
  const double seconds = best_seconds([&] { sink = read_all(isa, bytes); });
  return static_cast<double>(bytes.size()) / seconds * 1e-9;
}

// Bytes of weights per second at one token, over as many matrices as fit into `memory`.
double stream_gbs(MatmulFn matmul, DType type, Shape shape, const std::vector<std::byte>& memory) {
  const size_t row = row_bytes(type, shape.k);
  const size_t matrix = row * static_cast<size_t>(shape.n);
  const size_t n_matrices = memory.size() / matrix;
  const Activations acts(shape.k, 1);
  std::vector<float> out(static_cast<size_t>(shape.n));
  const double seconds = best_seconds([&] {
    for (size_t i = 0; i < n_matrices; ++i) {
      matmul(memory.data() + i * matrix, row, shape.n, acts.rows.data(), 1, shape.k, out.data(),
             shape.n);
    }
  });
  return static_cast<double>(n_matrices * matrix) / seconds * 1e-9;
}

double gmacs(MatmulFn matmul, DType type, Shape shape, int64_t n_tokens,
             const std::vector<std::byte>& memory) {
  const Activations acts(shape.k, n_tokens);
  std::vector<float> out(static_cast<size_t>(shape.n * n_tokens));
  const double seconds = best_seconds([&] {
    matmul(memory.data(), row_bytes(type, shape.k), shape.n, acts.rows.data(), n_tokens, shape.k,
           out.data(), shape.n);
  });
  return static_cast<double>(shape.k * shape.n * n_tokens) / seconds * 1e-9;
}

void run(sys::Isa isa, DType only, bool all_types, Shape shape,
         const std::vector<std::byte>& memory) {
  const KernelTable table = kernels::select(isa);
  std::printf("%s, k = %lld, n = %lld; read loop %.1f GB/s, int8 peak %.0f GMAC/s\n", table.level,
              static_cast<long long>(shape.k), static_cast<long long>(shape.n),
              read_gbs(isa, memory), peak_gmacs(isa));
  std::printf("  type     GB/s | GMAC/s at");
  for (int64_t n_tokens : kTokens) std::printf(" %7lld", static_cast<long long>(n_tokens));
  std::printf("   of peak\n");
  for (DType type : kTypes) {
    if (!all_types && type != only) continue;
    const MatmulFn matmul = table.matmul[static_cast<size_t>(type)];
    std::printf("  %-7s %5.1f |          ", traits(type).name.data(),
                stream_gbs(matmul, type, shape, memory));
    const double peak = peak_gmacs(isa);
    double best = 0;
    for (int64_t n_tokens : kTokens) {
      const double rate = gmacs(matmul, type, shape, n_tokens, memory);
      best = std::max(best, rate);
      std::printf(" %7.1f", rate);
      std::fflush(stdout);
    }
    std::printf("   %7.2f\n", peak > 0 ? best / peak : 0.0);
  }
}

const char* option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (name == argv[i]) return argv[i + 1];
  }
  return nullptr;
}

int main_checked(int argc, char** argv) {
  sys::Isa isa = sys::detect_isa();
  if (const char* name = option(argc, argv, "--isa")) {
    const Result<sys::Isa> chosen = sys::choose_isa(name);
    if (!chosen.has_value()) {
      std::fprintf(stderr, "kernel_bench: no level \"%s\" on this machine\n", name);
      return 1;
    }
    isa = *chosen;
  }
  const char* type_name = option(argc, argv, "--type");
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](DType candidate) {
    return type_name != nullptr && traits(candidate).name == type_name;
  });
  if (type_name != nullptr && type == std::end(kTypes)) {
    std::fprintf(stderr, "kernel_bench: unknown type \"%s\"\n", type_name);
    return 1;
  }
  Shape shape;
  if (const char* k = option(argc, argv, "--k")) shape.k = std::atoll(k);
  if (const char* n = option(argc, argv, "--n")) shape.n = std::atoll(n);
  if (shape.k <= 0 || shape.k % 256 != 0 || shape.n <= 0) {
    std::fprintf(stderr, "kernel_bench: --k must be a multiple of 256, --n at least 1\n");
    return 1;
  }
  // 0x3C3C is an ordinary number as f16, bf16 and f32.
  const std::vector<std::byte> memory(
      std::max(kStreamBytes, static_cast<size_t>(shape.k * shape.n) * 4), std::byte{0x3C});
  run(isa, type_name != nullptr ? *type : DType::kF32, type_name == nullptr, shape, memory);
  return 0;
}

}  // namespace
}  // namespace samovar::bench

int main(int argc, char** argv) {
  return samovar::bench::main_checked(argc, argv);
}
