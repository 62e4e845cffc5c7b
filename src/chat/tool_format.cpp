#include "chat/tool_format.h"

#include <algorithm>
#include <array>

namespace samovar::chat {
namespace {

using Words = std::array<std::string_view, 2>;

constexpr std::string_view kObjectBegin = R"({"name": ")";
constexpr std::string_view kArguments = R"(", "arguments": )";

// Hermes 2 Pro, Qwen 2.5 and 3, Granite 4 and many more.
constexpr Words kHermesWith = {"<tool_call>", "\"arguments\""};
// The same tag around XML, or beside a list of calls.
constexpr std::array<std::string_view, 4> kXml = {"<function=", "<arg_key>", "<parameter",
                                                  "<tool_calls>"};
// Qwen2.5-Coder writes its calls in these ways.
constexpr std::array<BareCall, 3> kBareCalls = {{
    {kObjectBegin, kArguments, "}"},
    {"```json\n{\"name\": \"", kArguments, "}\n```"},
    {"```json\n{\n  \"name\": \"", "\",\n  \"arguments\": ", "\n}\n```"},
}};
constexpr ToolFormat kHermes{.name = "hermes",
                             .with = kHermesWith,
                             .without = kXml,
                             .marker = "<tool_call>",
                             .open = "<tool_call>\n",
                             .between = "\n</tool_call>\n<tool_call>\n",
                             .close = "\n</tool_call>",
                             .call_begin = kObjectBegin,
                             .call_middle = kArguments,
                             .call_end = "}",
                             .bare = kBareCalls};

constexpr Words kLlamaWith = {"<|start_header_id|>", "\"parameters\": "};
constexpr std::array<BareCall, 1> kLlamaBare = {{{kObjectBegin, R"(", "parameters": )", "}"}}};
constexpr ToolFormat kLlama{.name = "llama3",
                            .with = kLlamaWith,
                            .without = kXml,
                            .call_begin = kObjectBegin,
                            .call_middle = R"(", "parameters": )",
                            .call_end = "}",
                            .is_parallel = false,
                            .bare = kLlamaBare};

constexpr Words kMistralArgsWith = {"[TOOL_CALLS]", "[ARGS]"};
constexpr ToolFormat kMistralArgs{.name = "mistral-args",
                                  .with = kMistralArgsWith,
                                  .marker = "[TOOL_CALLS]",
                                  .open = "[TOOL_CALLS]",
                                  .between = "[TOOL_CALLS]",
                                  .call_middle = "[ARGS]",
                                  .short_ids = true};

// A JSON list of calls behind the marker.
constexpr ToolFormat in_list(std::string_view name, std::span<const std::string_view> with,
                             std::string_view marker, std::string_view open) {
  return {.name = name,
          .with = with,
          .marker = marker,
          .open = open,
          .between = ", ",
          .close = "]",
          .call_begin = kObjectBegin,
          .call_middle = kArguments,
          .call_end = "}"};
}

constexpr ToolFormat with_short_ids(ToolFormat format) {
  format.short_ids = true;
  return format;
}

constexpr ToolFormat kMistral = with_short_ids(
    in_list("mistral", std::span(kMistralArgsWith).first(1), "[TOOL_CALLS]", "[TOOL_CALLS]["));

constexpr std::array<std::string_view, 1> kBarWith = {"<|tool_call|>"};
constexpr ToolFormat kBar = in_list("tool_call-list", kBarWith, "<|tool_call|>", "<|tool_call|>[");

// Python has a module of that name: the marker is more than the word.
constexpr std::array<std::string_view, 1> kFunctoolsWith = {"functools["};
constexpr ToolFormat kFunctools = in_list("functools", kFunctoolsWith, "functools[", "functools[");

constexpr Words kFunctionaryWith = {"<function=", "<|python_tag|>"};
constexpr ToolFormat kFunctionary{.name = "functionary",
                                  .with = kFunctionaryWith,
                                  .marker = "<function=",
                                  .open = "<function=",
                                  .between = "</function>\n<function=",
                                  .close = "</function>",
                                  .call_middle = ">"};

constexpr std::array kToolFormats = {kHermes, kFunctionary, kMistralArgs, kMistral,
                                     kBar,    kFunctools,   kLlama};

// What the text of tool_prompt.h asks for.
constexpr ToolFormat as_generic(ToolFormat format) {
  format.name = "generic";
  return format;
}
constexpr ToolFormat kGeneric = as_generic(kHermes);

constexpr std::array kThoughtTags = {ThoughtTags{"<think>", "</think>"},
                                     ThoughtTags{"[THINK]", "[/THINK]"}};

}  // namespace

std::span<const ToolFormat> tool_formats() {
  return kToolFormats;
}

const ToolFormat* find_tool_format(std::string_view template_source) {
  const auto holds = [&](std::string_view word) {
    return template_source.find(word) != std::string_view::npos;
  };
  const auto found =
      std::find_if(kToolFormats.begin(), kToolFormats.end(), [&](const ToolFormat& format) {
        return std::all_of(format.with.begin(), format.with.end(), holds) &&
               std::none_of(format.without.begin(), format.without.end(), holds);
      });
  return found == kToolFormats.end() ? nullptr : &*found;
}

const ToolFormat& generic_tool_format() {
  return kGeneric;
}

ThoughtTags find_thought_tags(std::string_view template_source) {
  const auto holds = [&](std::string_view word) {
    return template_source.find(word) != std::string_view::npos;
  };
  for (const ThoughtTags& tags : kThoughtTags) {
    if (holds(tags.open)) return tags;
  }
  // DeepSeek-R1's first templates only cut the thoughts off earlier answers; the model opens them.
  if (holds("content.split('</think>')") && !holds("reasoning_content")) return kThoughtTags[0];
  return {};
}

}  // namespace samovar::chat
