#include "chat/tool_call_parser.h"

#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::chat {
namespace {

// "text|name(arguments)|": neighbours of one kind joined; ")" closes a call that is complete.
std::string shown(const std::vector<AnswerPart>& parts) {
  std::string out;
  bool in_arguments = false;
  for (const AnswerPart& part : parts) {
    if (part.kind == AnswerPart::Kind::kCall) {
      out += "|" + part.text + "(";
    } else if (part.kind == AnswerPart::Kind::kCallEnd) {
      out += ")";
    } else {
      const bool is_arguments = part.kind == AnswerPart::Kind::kArguments;
      if (in_arguments && !is_arguments) out += "~";  // text behind a call
      out += part.text;
      in_arguments = is_arguments;
    }
  }
  return out;
}

const ToolFormat& format_named(std::string_view name) {
  for (const ToolFormat& format : tool_formats()) {
    if (format.name == name) return format;
  }
  return generic_tool_format();
}

std::string shown_calls(const ToolFormat& format, const std::vector<std::string_view>& pieces) {
  ToolCallParser parser(format, {"f", "g"});
  std::vector<AnswerPart> parts;
  for (const std::string_view piece : pieces) parser.push(piece, parts);
  parser.finish(parts);
  return shown(parts);
}

// However the text is cut in two, and byte by byte, it gives `expected`.
void check(std::string_view format_name, std::string_view text, std::string_view expected) {
  CAPTURE(format_name);
  CAPTURE(text);
  const ToolFormat& format = format_named(format_name);
  std::vector<std::string_view> bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    bytes.push_back(text.substr(i, 1));
    CAPTURE(i);
    CHECK(shown_calls(format, {text.substr(0, i), text.substr(i)}) == expected);
  }
  CHECK(shown_calls(format, bytes) == expected);
}

TEST_CASE("Hermes: text, then calls between tags") {
  check("hermes", "Hello <tool> < <tool_calls>", "Hello <tool> < <tool_calls>");
  check("hermes", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>",
        "|f({\"a\": 1})");
  check(
      "hermes",
      "Let me see.\n\n<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>\n<tool_call>"
      "\n{\"name\": \"g\", \"arguments\": {\"s\": \"}{\\\"]\\\\\"}}\n</tool_call>\n",
      "Let me see.|f({})|g({\"s\": \"}{\\\"]\\\\\"})");
}

TEST_CASE("A name is read up to its longest, a longer one is none") {
  const std::string longest(256, 'n');
  check("mistral-args", "[TOOL_CALLS]" + longest + "[ARGS]{}", "|" + longest + "({})");
  check("mistral-args", "[TOOL_CALLS]" + longest + "n[ARGS]{}", "");
}

TEST_CASE("Hermes: a call that was cut shows what is there of it, and no marker") {
  check("hermes", "Yes. <tool_call>", "Yes.");
  check("hermes", "Yes. <tool_call>\n{\"name\": \"f", "Yes.");
  check("hermes", "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1, {\"b\": \"}",
        "|f({\"a\": [1, {\"b\": \"}");
  check("hermes", "A\n<tool", "A\n<tool");
}

TEST_CASE("Hermes: what is no call stays text, and text behind calls is dropped") {
  check("hermes", "<tool_call> is a tag", "<tool_call> is a tag");
  check("hermes", "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call> Done.",
        "|f({})");
  check("hermes", "<tool_call>\n{\"name\": \"f\", \"arguments\": 7}\n</tool_call>", "|f()");
}

TEST_CASE("Hermes: a bare call may be the whole answer") {
  check("hermes", " {\"name\": \"f\", \"arguments\": {\"a\": 1}}", "|f({\"a\": 1})");
  check("hermes", "```json\n{\n  \"name\": \"g\",\n  \"arguments\": {}\n}\n```", "|g({})");
  check("hermes", "{\"name\": \"h\", \"arguments\": {}}", "{\"name\": \"h\", \"arguments\": {}}");
  check("hermes", "{\"name\": 1}", "{\"name\": 1}");
  check("hermes", "{\"na<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>",
        "{\"na|f({})");
  check("hermes", " \n{\"na", " \n{\"na");
}

TEST_CASE("Llama 3: a call is the whole answer") {
  check("llama3", "\n{\"name\": \"f\", \"parameters\": {\"x\": {}}}", "|f({\"x\": {}})");
  check("llama3", "Use {\"name\": \"f\", \"parameters\": {}}",
        "Use {\"name\": \"f\", \"parameters\": {}}");
  check("llama3", "{\"names\": 1}", "{\"names\": 1}");
  check("llama3", "  {\"na", "  {\"na");
}

TEST_CASE("Mistral: a list of calls behind its marker") {
  check("mistral",
        "Hm.[TOOL_CALLS][{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"arguments\": "
        "{\"a\": []}}]",
        "Hm.|f({})|g({\"a\": []})");
  check("mistral-args", "[TOOL_CALLS]f[ARGS]{\"a\": 1}[TOOL_CALLS]g[ARGS]{}",
        "|f({\"a\": 1})|g({})");
}

TEST_CASE("Lists behind other markers, and names in tags") {
  check("tool_call-list", "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]", "|f({})");
  check("functools", "Sure. functools[{\"name\": \"f\", \"arguments\": {}}]", "Sure.|f({})");
  check("functionary", "<function=f>{\"a\": 1}</function>\n<function=g>{}</function>",
        "|f({\"a\": 1})|g({})");
}

TEST_CASE("A call is open from its beginning to the end of its arguments") {
  ToolCallParser parser(generic_tool_format());
  std::vector<AnswerPart> parts;
  parser.push("<tool_call>\n{\"name\": \"", parts);
  CHECK(parser.in_call());
  parser.push("f\", \"arguments\": {", parts);
  CHECK(parser.in_call());
  parser.push("}", parts);
  CHECK_FALSE(parser.in_call());
}

}  // namespace
}  // namespace samovar::chat
