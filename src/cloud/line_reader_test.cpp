// Lines out of pieces of a stream.
#include "cloud/line_reader.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

TEST_CASE("Lines come whole, wherever the pieces end") {
  LineReader reader;
  std::vector<std::string> lines;
  const auto keep = [&](std::string_view line) {
    lines.emplace_back(line);
    return Status();
  };
  CHECK(reader.between_lines());
  for (const char* piece : {"a", "b\n", " ", " ", "c\nd\n\n"}) {
    REQUIRE(reader.feed(piece, keep).ok());
  }
  CHECK(lines == std::vector<std::string>{"ab", "  c", "d", ""});
  CHECK(reader.between_lines());
  REQUIRE(reader.feed("  ", keep).ok());
  CHECK(reader.between_lines());
  REQUIRE(reader.feed("{", keep).ok());
  CHECK_FALSE(reader.between_lines());
}

TEST_CASE("An error ends the reading, and so does a line without an end") {
  LineReader reader;
  CHECK(reader.feed("a\nb\n", [](std::string_view) { return busy("no"); }).code() == Code::kBusy);
  const auto ignore = [](std::string_view) { return Status(); };
  CHECK(reader.feed(std::string((16 << 20) + 1, 'x'), ignore).code() == Code::kTooLarge);
}

}  // namespace
}  // namespace samovar::cloud
