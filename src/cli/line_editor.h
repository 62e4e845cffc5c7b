// LineEditor: lines from a terminal, with editing and a history kept between runs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

struct editline;
struct history;

namespace samovar::cli {

class LineEditor {
 public:
  // History is read from and written to `history_path` (empty: kept in memory only).
  explicit LineEditor(std::string prompt, std::string history_path);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // The next line without its end; nothing at the end of input (Ctrl-D). Ctrl-C gives an empty
  // line.
  std::optional<std::string> read();

  const std::string& prompt() const { return prompt_; }

 private:
  std::string prompt_;
  std::string history_path_;
  editline* editor_;
  history* history_;
};

}  // namespace samovar::cli
