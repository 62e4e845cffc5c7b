// AnswerAssembly: the chunks of a streamed OpenAI answer put together to the answer that was asked
// for without a stream.
//
// For chat.completion.chunk and text_completion. Texts of one place are joined, lists of log
// probabilities too, calls of tools by their index; of the rest the last value stands. Must not
// know HTTP. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "json/json_fwd.h"

#include <memory>
#include <string>
#include <string_view>

namespace samovar::cloud {

// The body of a request that wants one whole answer, as a request for a stream with usage; empty
// when it is no such body: left as it is.
std::string as_stream_request(std::string_view path, std::string_view body);

class AnswerAssembly {
 public:
  AnswerAssembly();
  ~AnswerAssembly();

  // `data` of one event. kCorrupt for what is no chunk; kInternal for the node's own error, which
  // is then in error().
  Status add(std::string_view data);
  // [DONE] has come.
  bool done() const { return done_; }
  // The node's error as it came, {"error": ...}; empty when there was none.
  const std::string& error() const { return error_; }
  // One line of JSON. kCorrupt when no chunk has come.
  Result<std::string> finish();

 private:
  std::unique_ptr<json::Value> answer_;
  bool done_ = false;
  std::string error_;
};

}  // namespace samovar::cloud
