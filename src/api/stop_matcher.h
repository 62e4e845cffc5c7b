// StopMatcher: finds stop strings in streamed text and holds back what may begin one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// Shared by all choices of an answer; null: none.
using StopStrings = std::shared_ptr<const std::vector<std::string>>;
// Without the empty ones.
StopStrings stop_strings(std::vector<std::string> stops);

class StopMatcher {
 public:
  explicit StopMatcher(StopStrings stops);

  // Takes more text; RETURNS the part that can leave now. After a match it returns the text before
  // the stop string, stopped() is true, and everything further is swallowed.
  std::string push(std::string_view text);
  // The end of the answer: what was held back.
  std::string flush();

  bool stopped() const { return !stopping_word_.empty(); }
  const std::string& stopping_word() const { return stopping_word_; }

 private:
  StopStrings stops_;
  std::string held_;
  std::string stopping_word_;
};

}  // namespace samovar::api
