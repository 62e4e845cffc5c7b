// The answer of llama-server's /completion and /infill out of its partial objects and its last one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/answer_assembly.h"

#include <memory>
#include <string>
#include <vector>

namespace samovar::cloud {

// What a client of /completion wants to see of an answer.
struct NativeWish {
  bool returns_tokens = false;
  // Members that the node was asked for by us, and that go before the client sees the answer.
  std::vector<std::string> hidden;
};

std::unique_ptr<AnswerAssembly> native_assembly(NativeWish wish);

}  // namespace samovar::cloud
