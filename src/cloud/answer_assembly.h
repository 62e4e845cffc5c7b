// AnswerAssembly: a streamed answer put together to the answer that was asked for without a stream.
//
// One kind for each family of answers; as_stream_request() chooses it. Must not know HTTP.
// Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "json/json_fwd.h"

#include <string>
#include <string_view>

namespace samovar::cloud {

class AnswerAssembly {
 public:
  virtual ~AnswerAssembly() = default;

  // `text`: one event's data, or one line. Blank text is nothing: a sign of life. kCorrupt for what
  // is no JSON object; kInternal for the node's own error, which is then in error().
  Status add(std::string_view text);
  // The node's error as it came, {"error": ...}; empty when there was none.
  const std::string& error() const { return error_; }
  // The stream has come to its own end.
  virtual bool done() const = 0;
  // One line of JSON. kCorrupt when no piece has come.
  virtual Result<std::string> finish() = 0;

 protected:
  virtual void put(const json::Value& piece) = 0;      // an object
  bool has_end_mark() const { return has_end_mark_; }  // [DONE] has come

 private:
  bool has_end_mark_ = false;
  std::string error_;
};

// Joins what pieces of an answer have of one member: texts and lists grow, of the rest the last
// value stands. Null adds nothing.
void join(json::Value& into, const json::Value& piece);

}  // namespace samovar::cloud
