// The partial objects of llama-server's /completion put together to its answer.
#include "cloud/native_assembly.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

std::string assembled_native(const NativeWish& wish, std::initializer_list<const char*> events) {
  const auto assembly = native_assembly(wish);
  for (const char* event : events) {
    CHECK_FALSE(assembly->done());
    REQUIRE(assembly->add(event).ok());
  }
  REQUIRE(assembly->done());
  const auto answer = assembly->finish();
  REQUIRE(answer.ok());
  return *answer;
}

TEST_CASE("The last object gets the text of all") {
  CHECK(assembled_native({},
                         {R"({"index":0,"content":"Hel","tokens":[7],"stop":false})",
                          R"({"index":0,"content":"lo","tokens":[8],"stop":false})",
                          R"({"index":0,"content":"","tokens":[],"stop":true,"tokens_predicted":2,)"
                          R"("generation_settings":{"seed":1,"stream":true}})"}) ==
        R"({"index":0,"content":"Hello","tokens":[],"stop":true,"tokens_predicted":2,)"
        R"("generation_settings":{"seed":1,"stream":false}})");
}

TEST_CASE("Tokens are there for who wants them, chances where there are any") {
  CHECK(assembled_native({.returns_tokens = true},
                         {R"({"index":0,"content":"a","tokens":[7],"stop":false,)"
                          R"("completion_probabilities":[{"id":7}]})",
                          R"({"index":0,"content":"b","tokens":[8],"stop":false,)"
                          R"("completion_probabilities":[{"id":8}]})",
                          R"({"index":0,"content":"","tokens":[],"stop":true})"}) ==
        R"({"index":0,"content":"ab","tokens":[7,8],"stop":true,)"
        R"("completion_probabilities":[{"id":7},{"id":8}]})");
}

TEST_CASE("Several answers are a list by index, and all must have ended") {
  CHECK(assembled_native({}, {R"({"index":1,"content":"b","stop":false})",
                              R"({"index":0,"content":"a","stop":false})",
                              R"({"index":1,"content":"","stop":true})",
                              R"({"index":0,"content":"","stop":true})"}) ==
        R"([{"index":0,"content":"a","stop":true},{"index":1,"content":"b","stop":true}])");
}

TEST_CASE("What only the gateway asked for goes") {
  CHECK(assembled_native(
            {.hidden = {"index", "stop", "completion_probabilities"}},
            {R"({"index":0,"content":"a","stop":false,"completion_probabilities":[{"id":7}]})",
             R"({"content":"","index":0,"stop":true})"}) == R"({"content":"a"})");
  CHECK(assembled_native({.hidden = {"index", "stop"}},
                         {R"({"index":0,"content":"a","stop":false})",
                          R"({"tokens_predicted":1,"index":0,"stop":true})"}) ==
        R"({"tokens_predicted":1})");
}

TEST_CASE("A stream without an answer, and a node's error, are told") {
  const auto assembly = native_assembly({});
  CHECK_FALSE(assembly->done());
  CHECK(assembly->finish().status().code() == Code::kCorrupt);
  CHECK(assembly->add(R"({"error":{"message":"no memory"}})").code() == Code::kInternal);
  CHECK(assembly->error() == R"({"error":{"message":"no memory"}})");
}

}  // namespace
}  // namespace samovar::cloud
