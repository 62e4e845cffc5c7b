#include "engine/kernel_proof.h"

#include "kernels/select.h"
#include "tensor/dtype.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

kernels::KernelTable scalar() {
  return kernels::select(sys::Isa::kScalar);
}

std::string found_in(const kernels::KernelTable& table) {
  return std::string(prove_kernels(table, scalar()).message());
}

TEST_CASE("every level that this CPU has gives scalar bits") {
  for (const sys::Isa isa :
       {sys::Isa::kScalar, sys::Isa::kAvx2, sys::Isa::kAvx512, sys::Isa::kVnni}) {
    if (isa > sys::detect_isa()) continue;
    CHECK_MESSAGE(prove_kernels(kernels::select(isa), scalar()).ok(), sys::isa_name(isa));
  }
}

TEST_CASE("a kernel that computes something else is named") {
  kernels::KernelTable table = scalar();
  table.rms_norm = [](const float*, const float*, float, int64_t, float*) {};
  CHECK(found_in(table).find("rms_norm kernel of level scalar") != std::string::npos);

  table = scalar();
  table.gelu = [](float* x, int64_t n) { x[n - 1] += 1; };
  CHECK(found_in(table).find("gelu kernel") != std::string::npos);

  table = scalar();
  table.matmul[static_cast<size_t>(DType::kQ6_K)] = table.matmul[static_cast<size_t>(DType::kQ5_K)];
  CHECK(found_in(table).find("Q6_K product") != std::string::npos);

  table = scalar();
  table.quantize_q8_32 = [](const float*, int64_t k, kernels::ActBlock* blocks) {
    for (int64_t i = 0; i < k / kernels::kActBlock; ++i) blocks[i] = {};
  };
  CHECK(found_in(table).find("Q4_0 product") != std::string::npos);

  table = scalar();
  table.attn_page[static_cast<size_t>(kernels::KvType::kI16)] = [](const kernels::AttnPage&,
                                                                   kernels::AttnRow*, int64_t) {};
  CHECK(found_in(table).find("attention kernel") != std::string::npos);
}

}  // namespace
}  // namespace samovar::engine
