#include "api/stop_matcher.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("a stop string is found however the text is cut") {
  const std::string text = "one two STOP three";
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    StopMatcher matcher(stop_strings({"STOP", ""}));
    std::string out = matcher.push(text.substr(0, cut));
    out += matcher.push(text.substr(cut));
    out += matcher.flush();
    CHECK(out == "one two ");
    CHECK(matcher.stopping_word() == "STOP");
  }
}

TEST_CASE("text that only begins like a stop string leaves in the end") {
  StopMatcher matcher(stop_strings({"</s>", "</user>"}));
  CHECK(matcher.push("a </") == "a ");
  CHECK(matcher.push("u") == "");
  CHECK(matcher.push("l>") == "</ul>");
  CHECK(matcher.push("<") == "");
  CHECK(matcher.flush() == "<");
  CHECK_FALSE(matcher.stopped());
}

TEST_CASE("the earliest of several stop strings counts") {
  StopMatcher matcher(stop_strings({"world", "hello"}));
  CHECK(matcher.push("say hello world") == "say ");
  CHECK(matcher.stopping_word() == "hello");
  CHECK(matcher.push("more") == "");
}

TEST_CASE("without stop strings all text leaves at once") {
  StopMatcher matcher(stop_strings({""}));
  CHECK(matcher.push("a STOP") == "a STOP");
  CHECK_FALSE(matcher.stopped());
}

}  // namespace
}  // namespace samovar::api
