// Template: a chat template (the Jinja subset that model files carry), parsed once, rendered often.
//
// It reaches nothing but the context it is given: no files, no environment, no host objects. Work,
// depth and output are bounded by RenderLimits, so a hostile template ends in a Status. Rendering
// is equal to Python's jinja2 as Hugging Face transformers sets it up (trim_blocks, lstrip_blocks,
// loop controls, immutable sandbox). Thread: render() is const and may run on any number of
// threads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "json/json_fwd.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::chat {

struct RenderLimits {
  int64_t max_steps = 5'000'000;  // nodes evaluated, plus work in proportion to bytes moved
  size_t max_output_bytes = size_t{16} << 20;  // of the result, and of any single string on the way
  int max_depth = 128;                         // of nesting in the source, macro calls and values
  int64_t max_range = 65'536;                  // items of range()
};

// One rendered piece of text. Trusted: written by the template itself (or bos_token and its kin).
// Untrusted: from messages, tools, documents or any other value; no control token may be parsed
// there.
struct Span {
  size_t begin, end;  // byte range in Rendered::text
  bool trusted;
};

struct Rendered {
  std::string text;
  std::vector<Span> spans;  // in order, covering all of text; neighbours differ in `trusted`
};

struct Program;  // the parsed form, ast.h

class Template {
 public:
  // kCorrupt with line and column for text that is no template, kUnsupported for tags that reach
  // other files (include, import, extends), kTooLarge over a limit.
  static Result<Template> parse(std::string_view source, const RenderLimits& limits = {});

  // `context` is an object: messages, tools, documents, add_generation_prompt, bos_token, ...
  // kInvalidArgument: the template itself refused (raise_exception), the message is the template's.
  // kUnsupported: the template does what Python would answer with an exception; names the line.
  // kTooLarge: over a limit. `now_unix_s` is what strftime_now() shows, as UTC.
  Result<Rendered> render(const json::Value& context, int64_t now_unix_s) const;

  const std::string& source() const;

 private:
  explicit Template(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;
};

}  // namespace samovar::chat
