#include "api/ollama_name.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("Ollama's names compare without case and without what is the default") {
  CHECK(same_ollama_name("SmolLM2:135m", "smollm2:135M"));
  CHECK(same_ollama_name("tiny:latest", "tiny"));
  CHECK(same_ollama_name("registry.ollama.ai/library/tiny:latest", "tiny"));
  CHECK_FALSE(same_ollama_name("tiny:1b", "tiny"));
  CHECK_FALSE(same_ollama_name("user/tiny", "tiny"));
}

TEST_CASE("names of hub repositories keep their case on the way to the store") {
  CHECK(store_name("hf.co/User/Repo-GGUF:Q8_0") == "hf:User/Repo-GGUF:Q8_0");
  CHECK(store_name("HuggingFace.co/User/Repo:latest") == "hf:User/Repo");
  CHECK(store_name("hf:User/Repo:x.gguf") == "hf:User/Repo:x.gguf");
  CHECK(store_name("SmolLM2:135m") == "smollm2:135m");
  CHECK(store_name("User/Repo:Q8_0") == "User/Repo:Q8_0");
  CHECK(store_name("library/smollm2:latest") == "smollm2");
}

}  // namespace
}  // namespace samovar::api
