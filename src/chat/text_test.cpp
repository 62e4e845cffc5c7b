#include "chat/text.h"

#include "chat/utf8.h"

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

TEST_CASE("neighbouring pieces of the same trust are one") {
  Text text;
  text.append("ab", Trust::kTrusted);
  text.append("cd", Trust::kTrusted);
  text.append("ef", Trust::kUntrusted);
  text.append("", Trust::kTrusted);
  CHECK(text.bytes() == "abcdef");
  REQUIRE(text.pieces().size() == 2);
  CHECK(text.pieces()[0].end == 4);
  CHECK(text.trust() == Trust::kUntrusted);
}

TEST_CASE("a slice keeps the trust of its bytes") {
  Text text("ab", Trust::kTrusted);
  text.append("cd", Trust::kUntrusted);
  CHECK(text.slice(0, 2).trust() == Trust::kTrusted);
  CHECK(text.slice(1, 3).pieces().size() == 2);
  CHECK(text.slice(2, 2).pieces().empty());
  CHECK(text.slice(4, 4).empty());
}

TEST_CASE("code points are counted and found from both ends") {
  const std::string text = "aé€😀";
  CHECK(utf8::length(text) == 4);
  CHECK(utf8::offset_of(text, 2) == 3);
  CHECK(utf8::offset_of(text, 9) == text.size());
  CHECK(utf8::decode_before(text, text.size()).n_bytes == 4);
  CHECK(utf8::decode_before(text, 3).value == U'é');
}

TEST_CASE("bytes that are no UTF-8 count one by one") {
  CHECK(utf8::length("\xff\xc3") == 2);
  CHECK(utf8::decode("\xe2\x82", 0).value == utf8::kInvalid);
  CHECK(utf8::decode_before("\x80\x80", 2).n_bytes == 1);
}

TEST_CASE("finding is plain") {
  CHECK(find_bytes("hello", "l", 0) == 2);
  CHECK(find_bytes("hello", "l", 3) == 3);
  CHECK(find_bytes("hello", "l", 9) == std::string_view::npos);
  CHECK(find_bytes("", "", 0) == 0);
}

}  // namespace
}  // namespace samovar::chat
