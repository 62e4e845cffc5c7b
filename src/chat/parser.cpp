#include "chat/parser.h"

#include <fmt/format.h>

namespace samovar::chat {

Parser::Parser(Program& program, std::vector<Token> tokens)
    : program_(program), tokens_(std::move(tokens)) {
  for (const std::string_view name : {"loop", "caller", "varargs", "kwargs"}) intern(name);
}

Status Parser::run() {
  SAMOVAR_ASSIGN(program_.body, parse_block({}));
  return {};
}

bool Parser::skip_operator(std::string_view op) {
  if (!current().is_operator(op)) return false;
  advance();
  return true;
}

bool Parser::skip_name(std::string_view name) {
  if (!current().is_name(name)) return false;
  advance();
  return true;
}

Status Parser::error(std::string_view message) const {
  return syntax_error(program_.text, current().offset, message);
}

Status Parser::unexpected(std::string_view expected) const {
  const Token& token = current();
  const bool has_text = token.kind != TokenKind::kEnd && !token.text.empty();
  return error(has_text ? fmt::format("expected {}, found '{}'", expected, token.text.substr(0, 40))
                        : fmt::format("expected {}, found the end", expected));
}

Status Parser::expect_operator(std::string_view op) {
  if (skip_operator(op)) return {};
  return unexpected(fmt::format("'{}'", op));
}

Status Parser::expect_kind(TokenKind kind, std::string_view what) {
  if (current().kind != kind) return unexpected(what);
  advance();
  return {};
}

Result<std::string_view> Parser::expect_name() {
  const Token token = current();
  if (token.kind != TokenKind::kName) return unexpected("a name");
  advance();
  return token.text;
}

NameId Parser::intern(std::string_view name) {
  const auto next = static_cast<NameId>(program_.names.size());
  const auto [found, added] = name_ids_.emplace(name, next);
  if (added) program_.names.emplace_back(name);
  return found->second;
}

Status Parser::check_nesting() const {
  if (depth_ <= program_.limits.max_depth) return {};
  return too_large(fmt::format("chat template, {}: nesting is over {} deep",
                               describe_position(program_.text, current().offset),
                               program_.limits.max_depth));
}

Result<std::shared_ptr<const Program>> parse_program(std::string_view source,
                                                     const RenderLimits& limits) {
  auto program = std::make_shared<Program>();
  program->source = source;
  program->limits = limits;
  for (size_t at = 0; at < source.size(); ++at) {
    const bool is_return = source[at] == '\r';
    if (is_return && at + 1 < source.size() && source[at + 1] == '\n') continue;
    program->text += is_return ? '\n' : source[at];
  }
  if (!program->text.empty() && program->text.back() == '\n') program->text.pop_back();
  SAMOVAR_ASSIGN(std::vector<Token> tokens, tokenize(program->text));
  SAMOVAR_TRY(Parser(*program, std::move(tokens)).run());
  return std::shared_ptr<const Program>(std::move(program));
}

}  // namespace samovar::chat
