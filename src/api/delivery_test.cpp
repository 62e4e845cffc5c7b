// What keeps a silent stream's connection awake.
#include "api/delivery.h"

#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("Events have comments, JSON lines blanks before the next object, others nothing at all") {
  for (const Delivery delivery : {Delivery::kEvents, Delivery::kEventsDone}) {
    CHECK(stream_ping(delivery, 10).bytes == ":\n\n");
    CHECK(stream_ping(delivery, 10).interval_ms == 10'000);
    CHECK(stream_ping(delivery, -1).bytes.empty());
  }
  const std::string line =
      stream_ping(Delivery::kJsonLines, 10).bytes + frame(Delivery::kJsonLines, "{}");
  CHECK(line == " {}\n");
  CHECK(json::parse(line).ok());
  CHECK(stream_ping(Delivery::kJsonLines, -1).bytes.empty());
}

}  // namespace
}  // namespace samovar::api
