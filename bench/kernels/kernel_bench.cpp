// kernel_bench: matrix products of one thread beside the peak loop of 8-bit multiply-adds.
//
// peak; resident/TYPE/T: weights in the L1 cache; stream/MODEL/MATRIX/TYPE/KxN/T:
// the matrices of real models, weights from memory. Counters are rates of CPU time: macs, bytes of
// weights. SAMOVAR_ISA chooses the level; bench/kernels/table.py makes a table of the output.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/product.h"
#include "kernels/select.h"

#include <benchmark/benchmark.h>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace samovar::bench {
namespace {

constexpr int64_t kTokens[] = {1, 2, 4, 8, 16, 32, 64, 128, 512};
constexpr int64_t kMaxHeadTokens = 16;
constexpr size_t kStreamBytes = size_t{384} << 20;  // past the last cache
constexpr int64_t kPeakRounds = 1'000'000;

void set_rates(benchmark::State& state, double macs, double bytes) {
  const auto rate = benchmark::Counter::kIsIterationInvariantRate;
  state.counters["macs"] = benchmark::Counter(macs, rate);
  if (bytes > 0) state.counters["bytes"] = benchmark::Counter(bytes, rate);
}

void run_product(benchmark::State& state, const kernels::KernelTable& table, const Shape& shape,
                 int64_t n_tokens, std::span<const std::byte> memory) {
  Product product(table, shape, n_tokens, memory);
  for ([[maybe_unused]] auto _ : state) product.run();
  set_rates(state, product.macs(), product.weight_bytes());
}

void run_peak(benchmark::State& state, const kernels::KernelTable& table) {
  int64_t macs = 0;
  for ([[maybe_unused]] auto _ : state) macs = table.int8_peak(kPeakRounds);
  set_rates(state, static_cast<double>(macs), 0);
}

void add_product(const std::string& name, const kernels::KernelTable& table, const Shape& shape,
                 std::span<const std::byte> memory) {
  if (table.matmul[static_cast<size_t>(shape.type)] == nullptr) return;
  for (const int64_t n_tokens : kTokens) {
    if (shape.is_head && n_tokens > kMaxHeadTokens) continue;
    benchmark::RegisterBenchmark((name + "/" + std::to_string(n_tokens)).c_str(),
                                 [=, &table](benchmark::State& state) {
                                   run_product(state, table, shape, n_tokens, memory);
                                 });
  }
}

void add_all(const kernels::KernelTable& table, std::span<const std::byte> memory) {
  if (table.int8_peak != nullptr) {
    benchmark::RegisterBenchmark("peak", [&](benchmark::State& state) { run_peak(state, table); });
  }
  for (const Shape& shape : resident_shapes()) {
    const size_t one_matrix = row_bytes(shape.type, shape.k) * static_cast<size_t>(shape.n);
    add_product("resident/" + std::string(traits(shape.type).name), table, shape,
                memory.first(one_matrix));
  }
  for (const Shape& shape : model_shapes()) {
    add_product(std::string("stream/") + shape.model + "/" + shape.matrix + "/" +
                    std::string(traits(shape.type).name) + "/" + std::to_string(shape.k) + "x" +
                    std::to_string(shape.n),
                table, shape, memory);
  }
}

int run(int argc, char** argv) {
  const char* wanted = std::getenv("SAMOVAR_ISA");
  const Result<sys::Isa> isa = sys::choose_isa(wanted == nullptr ? "" : wanted);
  if (!isa.ok()) {
    std::fprintf(stderr, "kernel_bench: SAMOVAR_ISA: %s\n",
                 std::string(isa.status().message()).c_str());
    return 64;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
  const kernels::KernelTable table = kernels::select(*isa);
  // 0x3C3C is an ordinary number as f16, bf16 and f32.
  const std::vector<std::byte> memory(kStreamBytes, std::byte{0x3C});
  benchmark::AddCustomContext("level", table.level);
  add_all(table, memory);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace samovar::bench

int main(int argc, char** argv) {
  return samovar::bench::run(argc, argv);
}
