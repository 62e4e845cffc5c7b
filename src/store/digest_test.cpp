#include "store/digest.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST_CASE("a digest is made of 64 lower-case hexadecimal digits and of nothing else") {
  CHECK(Digest::parse(kAbc).ok());
  CHECK(Digest::parse(std::string("sha256:") + kAbc)->hex() == kAbc);
  const std::string digits = kAbc;
  for (const std::string& wrong :
       {std::string(), digits.substr(1), digits + "0", "../" + digits.substr(3), "sha512:" + digits,
        "sha256:sha256:" + digits, "BA" + digits.substr(2), digits.substr(0, 63) + "/",
        digits.substr(0, 63) + std::string(1, '\0')}) {
    CAPTURE(wrong);
    CHECK(Digest::parse(wrong).status().code() == Code::kInvalidArgument);
  }
}

TEST_CASE("the hasher gives the same digest however the bytes are cut, and starts anew") {
  CHECK(sha256("abc").hex() == kAbc);
  Sha256 hasher;
  for (int round = 0; round < 2; ++round) {
    for (const char* piece : {"a", "", "bc"}) {
      hasher.update(std::as_bytes(std::span(std::string_view(piece))));
    }
    CHECK(hasher.finish() == sha256("abc"));
  }
}

}  // namespace
}  // namespace samovar::store
