// Delivery: how an answer's objects are put on the wire.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_types.h"
#include "net/responder.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::api {

enum class Delivery : uint8_t {
  kWhole,       // one JSON object when all is done
  kEvents,      // server-sent events
  kEventsDone,  // the same, then "[DONE]" unless an error ended the stream
  kJsonLines,   // one object in each line
};

net::Headers stream_headers(Delivery delivery);
// One object of a stream. REQUIRES: not kWhole.
std::string frame(Delivery delivery, std::string_view json);
// What ends a stream that went well; may be empty.
std::string_view stream_end(Delivery delivery);
// After so many seconds of silence, each time; -1: never. JSON lines know no comments: blanks stand
// before the next object.
net::StreamPing stream_ping(Delivery delivery, int64_t interval_s);

}  // namespace samovar::api
