// What a node repeats of its caller's token.
#include "cloud/secret_filter.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

const Secret kAuthorization("Bearer t1.abcabd");

TEST_CASE("A token is taken out of a body, however the body is cut") {
  const std::string body = "a t1.abcabd t1.abcat1.abcabd Bearer t1.";
  for (size_t n = 1; n <= body.size(); ++n) {
    CAPTURE(n);
    SecretFilter filter(kAuthorization);
    std::string out;
    for (size_t at = 0; at < body.size(); at += n) out += filter.feed(body.substr(at, n));
    out += filter.finish();
    CHECK(out == "a [secret] t1.abca[secret] Bearer t1.");
  }
}

TEST_CASE("What can't begin a token does not wait") {
  SecretFilter filter(kAuthorization);
  CHECK(filter.feed("data: x\n\n") == "data: x\n\n");
  CHECK(filter.feed("ends in t") == "ends in ");
  CHECK(filter.feed("wo") == "two");
  CHECK(filter.finish().empty());
}

TEST_CASE("Headers and a whole body are cleaned; without a token nothing is") {
  net::Response answer{403, {{"X-Echo", "Bearer t1.abcabd!"}}, "t1.abcabd"};
  net::Response same = answer;
  SecretFilter(kAuthorization).clean(answer);
  CHECK(answer.headers.find("X-Echo") == "Bearer [secret]!");
  CHECK(answer.body == "[secret]");
  const Secret none;
  SecretFilter nothing(none);
  nothing.clean(same);
  CHECK(same.body == "t1.abcabd");
  CHECK(nothing.feed("t1.") == "t1.");
}

}  // namespace
}  // namespace samovar::cloud
