// Any bytes as an answer: the first byte picks the format, the second where the text is cut. Cut or
// whole, the parser must make the same of it.
// SPDX-License-Identifier: Apache-2.0
#include "chat/tool_call_parser.h"
#include "chat/tool_format.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace {

using samovar::chat::AnswerPart;
using samovar::chat::ToolCallParser;
using samovar::chat::ToolFormat;

// One line for each part; neighbours of one kind are joined, as they come in any number.
std::string parse(const ToolFormat& format, std::string_view text, size_t piece) {
  ToolCallParser parser(format, {"f", "gg", "g"});
  std::vector<AnswerPart> parts;
  for (size_t i = 0; i < text.size(); i += piece) parser.push(text.substr(i, piece), parts);
  parser.finish(parts);
  std::string out;
  const AnswerPart* last = nullptr;
  for (const AnswerPart& part : parts) {
    if (last == nullptr || last->kind != part.kind || part.kind == AnswerPart::Kind::kCall) {
      out += '\n';
      out += static_cast<char>('0' + static_cast<int>(part.kind));
    }
    out += part.text;
    last = &part;
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2 || size > 4096) return 0;
  const auto formats = samovar::chat::tool_formats();
  const ToolFormat& format = formats[data[0] % formats.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (text.empty()) return 0;
  const std::string whole = parse(format, text, text.size());
  if (parse(format, text, 1 + data[1] % text.size()) != whole) __builtin_trap();
  if (parse(format, text, 1) != whole) __builtin_trap();
  return 0;
}
