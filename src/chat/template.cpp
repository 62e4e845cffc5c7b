#include "chat/template.h"

#include "chat/ast.h"
#include "chat/context.h"
#include "chat/interpreter.h"
#include "chat/parser.h"

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// The largest template seen in the wild has 30 KB.
constexpr size_t kMaxSourceBytes = size_t{1} << 20;

}  // namespace

Result<Template> Template::parse(std::string_view source, const RenderLimits& limits) {
  if (source.size() > kMaxSourceBytes) {
    return too_large(
        fmt::format("chat template has {} bytes, the limit is {}", source.size(), kMaxSourceBytes));
  }
  SAMOVAR_ASSIGN(auto program, parse_program(source, limits));
  return Template(std::move(program));
}

Result<Rendered> Template::render(const json::Value& context, int64_t now_unix_s) const {
  Runtime runtime(program_->limits, now_unix_s);
  SAMOVAR_ASSIGN(Values globals, bind_names(runtime, *program_, context));
  Interpreter interpreter(*program_, runtime, std::move(globals));
  SAMOVAR_ASSIGN(const Text text, interpreter.run());
  Rendered rendered{text.bytes(), {}};
  size_t begin = 0;
  for (const Text::Piece& piece : text.pieces()) {
    rendered.spans.push_back({begin, piece.end, piece.trust == Trust::kTrusted});
    begin = piece.end;
  }
  return rendered;
}

const std::string& Template::source() const {
  return program_->source;
}

}  // namespace samovar::chat
