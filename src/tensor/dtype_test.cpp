#include "tensor/dtype.h"

#include "tensor/block.h"
#include "tensor/tensor_view.h"

#include <doctest/doctest.h>

namespace samovar {
namespace {

TEST_CASE("block geometry in the table is that of the block structs") {
  CHECK(traits(DType::kQ4_0).block_bytes == sizeof(BlockQ4_0));
  CHECK(traits(DType::kQ4_1).block_bytes == sizeof(BlockQ4_1));
  CHECK(traits(DType::kQ5_0).block_bytes == sizeof(BlockQ5_0));
  CHECK(traits(DType::kQ5_1).block_bytes == sizeof(BlockQ5_1));
  CHECK(traits(DType::kQ8_0).block_bytes == sizeof(BlockQ8_0));
  CHECK(traits(DType::kQ2_K).block_bytes == sizeof(BlockQ2_K));
  CHECK(traits(DType::kQ3_K).block_bytes == sizeof(BlockQ3_K));
  CHECK(traits(DType::kQ4_K).block_bytes == sizeof(BlockQ4_K));
  CHECK(traits(DType::kQ5_K).block_bytes == sizeof(BlockQ5_K));
  CHECK(traits(DType::kQ6_K).block_bytes == sizeof(BlockQ6_K));
  CHECK(traits(DType::kIQ4_NL).block_bytes == sizeof(BlockIQ4_NL));
  CHECK(traits(DType::kIQ4_XS).block_bytes == sizeof(BlockIQ4_XS));
}

TEST_CASE("types we do not compute with still have a name and a size") {
  CHECK_FALSE(dtype_from_id(16).has_value());
  CHECK(dtype_name_of_id(16) == "IQ2_XXS");
  CHECK(traits_of_id(16)->block_bytes == 66);
  CHECK(dtype_name_of_id(42) == "Q2_0");
}

TEST_CASE("types dropped from the format have a name only, unknown ids have nothing") {
  CHECK(dtype_name_of_id(4) == "Q4_2");
  CHECK(traits_of_id(4) == nullptr);
  CHECK_FALSE(dtype_from_id(31).has_value());
  CHECK(dtype_name_of_id(43).empty());
  CHECK(traits_of_id(0xFFFFFFFF) == nullptr);
}

TEST_CASE("every type below the id limit that computes has a table entry") {
  int n_types = 0;
  for (uint32_t id = 0; id < 64; ++id) {
    const std::optional<DType> dtype = dtype_from_id(id);
    if (!dtype) continue;
    ++n_types;
    CHECK(id < kDTypeIdLimit);
    CHECK(&traits(*dtype) == traits_of_id(id));
  }
  CHECK(n_types == 15);
}

TEST_CASE("a row has as many bytes as its blocks") {
  CHECK(row_bytes(DType::kF32, 3) == 12);
  CHECK(row_bytes(DType::kQ4_K, 512) == 288);
  CHECK(row_bytes(DType::kQ6_K, 0) == 0);
  // 2^40 elements: the product must not be taken in 32 bits.
  CHECK(row_bytes(DType::kQ8_0, int64_t{1} << 40) == (size_t{1} << 35) * 34);
}

TEST_CASE("a view finds its rows") {
  const std::byte bytes[12] = {};
  const TensorView view{.dtype = DType::kF16, .dims = {2, 3, 1, 1}, .data = bytes, .row_bytes = 4};
  CHECK(view.rows() == 3);
  CHECK(view.row(2) == bytes + 8);
  CHECK_FALSE(TensorView().present());
}

}  // namespace
}  // namespace samovar
