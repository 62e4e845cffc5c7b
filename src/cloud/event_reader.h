// EventReader: the bytes of a text/event-stream to the data of its events.
//
// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6. Event
// names, ids and comments are dropped. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace samovar::cloud {

class EventReader {
 public:
  // Gives the data of each event that `bytes` completes to `on_event`; its first error ends the
  // call and is returned. kTooLarge for a line or an event over 16 MiB.
  Status feed(std::string_view bytes, const std::function<Status(std::string_view)>& on_event);

 private:
  Status end_line(const std::function<Status(std::string_view)>& on_event);

  std::string line_;
  std::string data_;
  bool has_data_ = false;
  bool after_cr_ = false;  // a line feed that follows is part of the same line end
};

}  // namespace samovar::cloud
