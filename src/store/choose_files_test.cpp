#include "store/hub.h"

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

using Names = std::vector<std::string>;

const Names kRepo = {"README.md.gguf",
                     "phi-2.Q4_K_M.gguf",
                     "phi-2.Q4_K_S.gguf",
                     "phi-2.q8_0.gguf",
                     "mmproj-phi-F16.gguf",
                     "big-Q6_K-00002-of-00002.gguf",
                     "big-Q6_K-00001-of-00002.gguf"};

TEST_CASE("a quantization is matched as a whole word, in any case") {
  CHECK(*choose_files(kRepo, "Q4_K_M", "a/b") == Names{"phi-2.Q4_K_M.gguf"});
  CHECK(*choose_files(kRepo, "Q8_0", "a/b") == Names{"phi-2.q8_0.gguf"});
  CHECK(*choose_files(kRepo, "", "a/b") == Names{"phi-2.Q4_K_M.gguf"});
  CHECK(choose_files(kRepo, "Q4_K", "a/b").status().code() == Code::kNotFound);
  CHECK(choose_files(kRepo, "F16", "a/b").status().code() == Code::kNotFound);
}

TEST_CASE("all parts of a split file are taken, in order, and none may be missing") {
  CHECK(*choose_files(kRepo, "Q6_K", "a/b") ==
        Names{"big-Q6_K-00001-of-00002.gguf", "big-Q6_K-00002-of-00002.gguf"});
  CHECK(choose_files({"x-00001-of-00003.gguf"}, "", "a/b").status().message() ==
        "\"x-00002-of-00003.gguf\" is missing: part 2 of 3");
}

TEST_CASE("the only file is taken without being named; of several, the message lists them") {
  CHECK(*choose_files({"model.gguf", "mmproj-x.gguf"}, "", "a/b") == Names{"model.gguf"});
  const auto several = choose_files({"b.gguf", "a.gguf"}, "", "u/r");
  CHECK(several.status().message().find("a.gguf, b.gguf") != std::string_view::npos);
  CHECK(choose_files({}, "", "u/r").status().message() == "u/r: there is no .gguf file in it");
  CHECK(*choose_files({"a.gguf", "b.gguf"}, "b.gguf", "u/r") == Names{"b.gguf"});
}

}  // namespace
}  // namespace samovar::store
