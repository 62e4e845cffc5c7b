// Chat formats as tables: what stands before and behind a text of each role.
//
// Under the names that llama-server's --chat-template has for them. Sources: the chat templates of
// the models' own repositories. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace samovar::chat {

struct TurnMarks {
  std::string_view open, close;  // Jinja expressions: '[INST] ', eos_token + '\n'
};

struct TurnFormat {
  std::string_view name;
  TurnMarks system, user, assistant;
  std::string_view answer;  // what an answer goes on behind, a Jinja expression
  std::string_view stop;    // an answer ends before it
  bool trims = false;       // blanks around texts are left out
  bool folds = false;       // the system text stands in the first user's turn
};

std::span<const TurnFormat> turn_formats();
// The format as a template, for Template::parse.
std::string template_text(const TurnFormat& format);

}  // namespace samovar::chat
