// ToolFormat: how a family of models writes the tools it calls.
//
// One table: a family is known by what its template holds. What stands around and between calls is
// fixed text, as the family was trained to write it; only a tool's name and its arguments vary.
// Models whose template shows no tools, or shows calls in a form that is not JSON, use the generic
// format, which tool_prompt.h explains to them. Thread: constants.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace samovar::chat {

// A call with nothing around it: begin NAME middle ARGUMENTS end. `middle` begins with a quote.
struct BareCall {
  std::string_view begin, middle, end;
};

// An answer with calls: [text] open CALL (between CALL)* close, where CALL is
// call_begin NAME call_middle ARGUMENTS call_end.
struct ToolFormat {
  std::string_view name;
  // The template holds all of these, and nothing of `without`.
  std::span<const std::string_view> with, without;
  std::string_view marker;  // what `open` begins with and text never has; empty: calls are bare
  std::string_view open, between, close;
  std::string_view call_begin, call_middle, call_end;
  bool is_parallel = true;  // several calls in one answer
  // How a call may be the whole answer, white space apart: models write it so though they were
  // taught otherwise.
  std::span<const BareCall> bare = {};
  bool short_ids = false;  // ids of calls have nine letters and digits
};

std::span<const ToolFormat> tool_formats();
// Null: none of the table's.
const ToolFormat* find_tool_format(std::string_view template_source);
// For everybody else.
const ToolFormat& generic_tool_format();

// The tags around what a model thinks before it answers; empty: it does not.
struct ThoughtTags {
  std::string_view open, close;
  bool empty() const { return open.empty(); }
};
ThoughtTags find_thought_tags(std::string_view template_source);

}  // namespace samovar::chat
