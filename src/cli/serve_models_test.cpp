#include "cli/serve_models.h"

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

TEST_CASE("bytes have units of 1024") {
  CHECK(parse_bytes("0").value() == 0);
  CHECK(parse_bytes("1500").value() == 1500);
  CHECK(parse_bytes("2K").value() == 2048);
  CHECK(parse_bytes("512M").value() == uint64_t{512} << 20);
  CHECK(parse_bytes("1.5GiB").value() == uint64_t{1536} << 20);
  CHECK(parse_bytes("1TB").value() == uint64_t{1} << 40);
  CHECK(parse_bytes("7B").value() == 7);
  CHECK(parse_bytes("4 G", "--zram-size").status().message() ==
        "--zram-size: expected bytes, as 512M or 2GiB, found `4 G`");
  for (const char* text : {"", "G", "-1", "1X", "1 G", "nan", "1e30", "2GiBs", "1KM"}) {
    CHECK_FALSE(parse_bytes(text).ok());
  }
}

}  // namespace
}  // namespace samovar::cli
