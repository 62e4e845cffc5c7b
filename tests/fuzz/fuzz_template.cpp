// Any bytes as a chat template and, behind a zero byte, its context as JSON.
// SPDX-License-Identifier: Apache-2.0
#include "chat/template.h"
#include "json/json.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using samovar::chat::RenderLimits;
using samovar::chat::Span;
using samovar::chat::Template;

// Small, so that a run is one of many thousands.
constexpr RenderLimits kLimits{.max_steps = 100'000, .max_output_bytes = 1 << 20};
constexpr std::string_view kDefaultContext =
    R"({"messages": [{"role": "user", "content": "a <b> \u00e9"}, {"role": "assistant", "content": [{"type": "text", "text": "c"}]}], "tools": null, "bos_token": "<s>", "add_generation_prompt": true})";

// Spans must cover the text in order and take turns.
void check_spans(const samovar::chat::Rendered& rendered) {
  size_t at = 0;
  for (size_t i = 0; i < rendered.spans.size(); ++i) {
    const Span& span = rendered.spans[i];
    if (span.begin != at || span.end <= span.begin) __builtin_trap();
    if (i > 0 && span.trusted == rendered.spans[i - 1].trusted) __builtin_trap();
    at = span.end;
  }
  if (at != rendered.text.size()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t zero = bytes.find('\0');
  const auto parsed = Template::parse(bytes.substr(0, zero), kLimits);
  if (!parsed.ok()) return 0;
  const bool has_context = zero != std::string_view::npos;
  const auto context = samovar::json::parse(has_context ? bytes.substr(zero + 1) : kDefaultContext);
  if (!context.ok()) return 0;
  const auto rendered = parsed->render(*context, 1'700'000'000);
  if (rendered.ok()) check_spans(*rendered);
  return 0;
}
