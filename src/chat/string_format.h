// Text from patterns: "%s" % x, "{}".format(x), and HTML escapes. Substituted text keeps its trust.
//
// Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/arguments.h"
#include "chat/runtime.h"
#include "chat/text.h"

namespace samovar::chat {

// How one value is laid out: [[fill]align][sign][#][0][width][,][.precision][type].
struct FormatSpec {
  char32_t fill = U' ';
  char align = '\0';  // '<', '>', '^', '=' (padding behind the sign); none: by type
  char sign = '-';    // '-', '+' or ' '
  bool alternate = false;
  bool grouping = false;  // commas between thousands
  int64_t width = 0;      // code points
  int64_t precision = -1;
  char type = '\0';
};

// What of a "%d"-like or "{:d}"-like field is a number, as text with padding.
Result<Text> format_value(Runtime& runtime, const Value& value, const FormatSpec& spec);

// pattern % arguments, as Python's printf-like formatting.
Result<Value> percent_format(Runtime& runtime, const Text& pattern, const Value& arguments);
// pattern.format(...); attributes inside fields ("{0.name}") are refused.
Result<Value> brace_format(Runtime& runtime, const Text& pattern, const Arguments& arguments);

// & < > ' " as markupsafe writes them.
Text escape_html(const Text& text);

}  // namespace samovar::chat
