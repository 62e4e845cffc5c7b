#include "cli/local_llm.h"

#include "cli/local_llm_usage.h"
#include "cli/parse.h"
#include "cli/peer_flags.h"

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("A repository and a file are read off a path in the hub's cache") {
  const struct {
    const char* path;
    const char* repo;
    const char* file;
  } cases[] = {
      {"/c/hub/models--TheBloke--saiga-GGUF/snapshots/c0ffee/saiga.Q4_K_M.gguf",
       "TheBloke/saiga-GGUF", "saiga.Q4_K_M.gguf"},
      {"/c/models--a--two--dashes/snapshots/1/sub/x.gguf", "a/two--dashes", "sub/x.gguf"},
      {"models--a--b/snapshots/1/x.gguf", "a/b", "x.gguf"},
      {"/c/models--a--b", "", ""},
      {"/c/models--a/snapshots/1/x.gguf", "", ""},
      {"/home/x.gguf", "", ""},
      {"", "", ""},
  };
  for (const auto& [path, repo, file] : cases) {
    const LocalLlmModel model = model_of_path(path);
    CHECK_MESSAGE(model.repo == repo, path);
    CHECK_MESSAGE(model.filename == file, path);
  }
}

TEST_CASE("A model that is not here yet has a path that tells repository and file") {
  const LocalLlmModel model{"TheBloke/Tiny-Stories-GGUF", ""};
  const LocalLlmModel back = model_of_path(future_path(store::Cache("/c"), model));
  CHECK(back.repo == "TheBloke/Tiny-Stories-GGUF");
  CHECK(back.filename == "tiny-stories.Q4_K_M.gguf");
}

TEST_CASE("The customary file is meant where none is named") {
  CHECK(LocalLlmModel{"A/B-GGUF", ""}.store_name() == "hf:A/B-GGUF:b.Q4_K_M.gguf");
  CHECK(LocalLlmModel{"A/B-GGUF", "x.gguf"}.store_name() == "hf:A/B-GGUF:x.gguf");
  CHECK(LocalLlmModel{"A/B", ""}.store_name() == "hf:A/B");
  CHECK(LocalLlmModel{"A/B", ""}.file().empty());
}

TEST_CASE("The address of a server is that of its command line") {
  CHECK(LocalLlmServer{.host = "0.0.0.0", .port = "8000"}.url() == "http://0.0.0.0:8000");
  CHECK(LocalLlmServer{.host = "::1", .port = "8000"}.url() == "http://[::1]:8000");
  CHECK(LocalLlmServer{.host = "0.0.0.0"}.url().empty());
}

TEST_CASE("Under local-llm's names its commands are meant, and ours stay ours") {
  for (const char* name : {"llm", "local-llm", "/usr/bin/llm"}) {
    CHECK(is_local_llm(name));
    CHECK(arguments_of(name, {"run", "A/B", "1"}) == Words{"local-llm", "run", "A/B", "1"});
    CHECK(arguments_of(name, {"list"}) == Words{"local-llm", "list"});
    CHECK(arguments_of(name, {"what"}) == Words{"local-llm", "what"});
    CHECK(arguments_of(name, {}) == Words{"local-llm"});
    CHECK(arguments_of(name, {"serve", "a"}) == Words{"serve", "a"});
    CHECK(arguments_of(name, {"--version"}) == Words{"version"});
  }
  CHECK_FALSE(is_local_llm("samovar"));
  CHECK(arguments_of("samovar", {"run", "a"}) == Words{"run", "a"});
}

TEST_CASE("Help speaks in the name that the program was called by") {
  const Environment none{std::map<std::string, std::string>{}};
  const auto help = parse({"local-llm", "run", "--help"}, none);
  REQUIRE(help.ok());
  const std::string named = in_the_name_of("/usr/bin/llm", help->help);
  CHECK(named.find("Usage: llm run [OPTIONS] REPO_ID PORT\n") != std::string::npos);
}

}  // namespace
}  // namespace samovar::cli
