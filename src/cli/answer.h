// Answer: runs one request on the engine and hands its text to the terminal as it comes.
//
// Blocks the calling thread. Ctrl-C (see Interrupt) ends the answer, not the program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/served_model.h"
#include "base/status.h"
#include "engine/request.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {

struct Answer {
  std::vector<int32_t> ids;  // the end token not among them
  std::string text;
  engine::Timings timings;
  bool interrupted = false;
};

struct AnswerOptions {
  std::vector<std::string> stop;
  bool with_special = false;  // control tokens appear in the text
  // Gets each piece of whole characters; a failure ends the answer with that Status. Empty: none.
  std::function<Status(std::string_view)> on_text;
};

Result<Answer> answer(const api::ServedModel& served, engine::Request request,
                      const AnswerOptions& options);

// While one exists, SIGINT ends the answer that runs, or is ignored when none does.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
};

}  // namespace samovar::cli
