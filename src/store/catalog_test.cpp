#include "store/catalog.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

constexpr const char* kSha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// One entry of lines 1 to 9; `line` replaces the line that has the same beginning.
std::string entry_with(const std::string& line) {
  std::string text;
  const std::string field = line.substr(0, line.find(':') + 1);
  for (const std::string& standard :
       {std::string("- name: tiny:1m"), std::string("  description: a model"),
        std::string("  license: MIT"), std::string("  file: tiny.gguf"),
        std::string("  size_bytes: 30"), std::string("  sha256: ") + kSha,
        std::string("  sources:\n    - pypi:\n        - {package: p==1.0, member: p/a.bin, "
                    "size_bytes: 10}\n"
                    "        - {package: q==1.0, member: q/b.bin, size_bytes: 20}")}) {
    text += (!field.empty() && standard.starts_with(field) ? line : standard) + "\n";
  }
  return text;
}

std::string problem_of(const std::string& yaml) {
  const auto catalog = Catalog::parse(yaml, "c.yaml");
  REQUIRE_FALSE(catalog.ok());
  CHECK(catalog.status().code() == Code::kCorrupt);
  return std::string(catalog.status().message());
}

TEST_CASE("the catalog of this build is valid and has the default model, which comes through pip") {
  const auto catalog = Catalog::built_in();
  REQUIRE_MESSAGE(catalog.ok(), catalog.status().message());
  const CatalogEntry* const entry = catalog->find(kDefaultModel);
  REQUIRE(entry != nullptr);
  CHECK(entry->size_bytes == 98'362'432U);
  CHECK(std::holds_alternative<PypiSource>(entry->sources.front()));
  for (const char* name : {"gemma3:270m", "qwen2.5-coder:0.5b", "qwen2.5-coder:1.5b", "phi2",
                           "saiga:7b", "gemma:2b"}) {
    CHECK_MESSAGE(catalog->find(name) != nullptr, name);
  }
}

TEST_CASE("an entry is read field by field") {
  const auto catalog = Catalog::parse(entry_with(""), "c.yaml");
  REQUIRE_MESSAGE(catalog.ok(), catalog.status().message());
  const CatalogEntry& entry = catalog->entries().at(0);
  CHECK(entry.name == "tiny:1m");
  CHECK(entry.sha256->hex() == kSha);
  const auto& parts = std::get<PypiSource>(entry.sources.at(0)).parts;
  REQUIRE(parts.size() == 2);
  CHECK(parts[1].package == "q");
  CHECK(parts[1].version == "1.0");
  CHECK(describe(entry.sources[0]) == "PyPI p 1.0 and 1 more packages");
}

TEST_CASE("a wrong field is named with its line") {
  struct Case {
    const char* line;
    const char* wanted;
  };
  for (const Case& c : {
           Case{"- name: ../x", "line 1: name"},
           Case{"  description: ", "line 2: description"},
           Case{"  file: ../x.gguf", "line 4: file"},
           Case{"  file: x.bin", "line 4: file"},
           Case{"  size_bytes: -3", "line 5: size_bytes"},
           Case{"  size_bytes: 31", "line 5: size_bytes: 30 is expected"},
           Case{"  sha256: abc", "line 6: sha256"},
           Case{"  license: MIT\n  licence: MIT", "unknown field \"licence\""},
           Case{"  sources: []", "line 7: sources"},
           Case{"  sources:\n    - ftp: x", "unknown field \"ftp\""},
           Case{"  sources:\n    - url: file:///etc/passwd", "line 8: url"},
           Case{"  sources:\n    - hf: {repo: a/../b, file: x.gguf}", "line 8: repo"},
           Case{"  sources:\n    - hf: {repo: a/b, file: ../x.gguf}", "line 8: file"},
           Case{"  sources:\n    - hf: {repo: a/b}", "\"file\" or \"quant\""},
           Case{"  sources:\n    - pypi:\n        - {package: --pre, member: a, size_bytes: 1}",
                "line 9: package"},
           Case{"  sources:\n    - pypi:\n        - {package: p==1, member: ../a, size_bytes: 1}",
                "line 9: member"},
       }) {
    CAPTURE(c.line);
    const std::string problem = problem_of(entry_with(c.line));
    CHECK_MESSAGE(problem.find(c.wanted) != std::string::npos, problem);
    CHECK(problem.starts_with("c.yaml, line "));
  }
  CHECK(problem_of("- {a: [}").starts_with("c.yaml, line 1: "));
  CHECK(problem_of(entry_with("") + entry_with("")).find("there twice") != std::string::npos);
}

TEST_CASE("a second catalog adds entries and replaces those of the same name") {
  auto base = Catalog::parse(entry_with(""), "base");
  auto own =
      Catalog::parse(entry_with("  license: mine") + "\n" + entry_with("- name: other"), "own");
  REQUIRE(base.ok());
  REQUIRE(own.ok());
  base->overlay(*std::move(own));
  CHECK(base->entries().size() == 2);
  CHECK(base->find("tiny:1m")->license == "mine");
  CHECK(base->find("tiny") == base->find("tiny:1m"));
  CHECK(base->find("none") == nullptr);
}

}  // namespace
}  // namespace samovar::store
