#include "cli/repository_files.h"

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

TEST_CASE("a quantization is found among the words of a file's name") {
  CHECK(quantization_in("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf") == "Q4_K_M");
  CHECK(quantization_in("phi-2.Q4_K_M.gguf") == "Q4_K_M");
  CHECK(quantization_in("Q8_0/x-Q8_0-00001-of-00002.gguf") == "Q8_0");
  CHECK(quantization_in("x.BF16.gguf") == "BF16");
  CHECK(quantization_in("x-IQ4_XS.gguf") == "IQ4_XS");
  CHECK(quantization_in("Q5_K_S") == "Q5_K_S");
  CHECK(quantization_in("Qwen-Instruct.gguf") == "");
  CHECK(quantization_in("Falcon.gguf") == "");
  CHECK(quantization_in("") == "");
}

}  // namespace
}  // namespace samovar::cli
