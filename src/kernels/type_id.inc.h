// The values of DType, for units that may not include tensor/dtype.h. select.cpp asserts them
// equal.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar::kernels {

enum TypeId {
  kTypeF32 = 0,
  kTypeF16 = 1,
  kTypeQ4_0 = 2,
  kTypeQ4_1 = 3,
  kTypeQ5_0 = 6,
  kTypeQ5_1 = 7,
  kTypeQ8_0 = 8,
  kTypeQ2_K = 10,
  kTypeQ3_K = 11,
  kTypeQ4_K = 12,
  kTypeQ5_K = 13,
  kTypeQ6_K = 14,
  kTypeIQ4_NL = 20,
  kTypeIQ4_XS = 23,
  kTypeBF16 = 30,
};

}  // namespace samovar::kernels
