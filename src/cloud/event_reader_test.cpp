// Server-sent events, in whatever pieces they come.
#include "cloud/event_reader.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

std::vector<std::string> events_of(std::string_view bytes, size_t piece) {
  EventReader reader;
  std::vector<std::string> events;
  for (size_t i = 0; i < bytes.size(); i += piece) {
    REQUIRE(reader
                .feed(bytes.substr(i, piece),
                      [&](std::string_view data) {
                        events.emplace_back(data);
                        return Status();
                      })
                .ok());
  }
  return events;
}

TEST_CASE("Events are the same whatever the pieces and line ends") {
  const std::string text =
      ":ping\n\ndata: a\n\ndata:b\r\n\r\nevent: x\rdata: c\rdata: d\r\rid: 1\n\ndata\n\ndata: cut";
  for (size_t piece : {1, 2, 3, 7, 1000}) {
    CHECK(events_of(text, piece) == std::vector<std::string>{"a", "b", "c\nd", ""});
  }
}

TEST_CASE("The first error of an event ends the reading") {
  EventReader reader;
  int n_events = 0;
  const Status status = reader.feed("data: 1\n\ndata: 2\n\n", [&](std::string_view) {
    ++n_events;
    return corrupt("no");
  });
  CHECK(status.code() == Code::kCorrupt);
  CHECK(n_events == 1);
}

TEST_CASE("An event without an end is not kept for ever") {
  EventReader reader;
  const std::string piece(1 << 20, 'x');
  Status status;
  for (int i = 0; i < 20 && status.ok(); ++i) {
    status = reader.feed(piece, [](std::string_view) { return Status(); });
  }
  CHECK(status.code() == Code::kTooLarge);
}

}  // namespace
}  // namespace samovar::cloud
