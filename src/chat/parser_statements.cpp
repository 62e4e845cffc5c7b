#include "chat/parser.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// Tags that reach other templates or that transformers does not switch on.
constexpr std::array<std::string_view, 8> kRefusedTags{"include", "import", "from",       "extends",
                                                       "block",   "do",     "autoescape", "trans"};

}  // namespace

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

// Statements up to a tag named by `end_names` (left as the current token), or to the end of the
// source when there are none.
Result<Block> Parser::parse_block(Names end_names) {
  const Nesting nesting(depth_);
  SAMOVAR_TRY(check_nesting());
  Block block;
  while (current().kind != TokenKind::kEnd) {
    const Token token = current();
    advance();
    if (token.kind == TokenKind::kData) {
      block.push_back(
          {token.offset, DataStatement{Text(std::string(token.text), Trust::kTrusted)}});
    } else if (token.kind == TokenKind::kVariableBegin) {
      SAMOVAR_ASSIGN(ExprPtr value, parse_tuple(&Parser::parse_expression));
      SAMOVAR_TRY(expect_kind(TokenKind::kVariableEnd, "'}}'"));
      block.push_back({token.offset, PrintStatement{std::move(value)}});
    } else {
      const bool at_end =
          std::any_of(end_names.begin(), end_names.end(),
                      [&](std::string_view name) { return current().is_name(name); });
      if (at_end) return block;
      SAMOVAR_TRY(parse_tag(block));
    }
  }
  if (end_names.size() == 0) return block;
  return error(fmt::format("expected '{{% {} %}}', found the end", *(end_names.end() - 1)));
}

Status Parser::parse_tag(Block& block) {
  using TagParser = Status (Parser::*)(Statement&);
  constexpr std::array<std::pair<std::string_view, TagParser>, 8> kTags{{
      {"if", &Parser::parse_if},
      {"for", &Parser::parse_for},
      {"set", &Parser::parse_set},
      {"macro", &Parser::parse_macro},
      {"call", &Parser::parse_call_tag},
      {"filter", &Parser::parse_filter_tag},
      {"with", &Parser::parse_with},
      {"generation", &Parser::parse_generation},
  }};
  Statement statement;
  statement.offset = current().offset;
  const bool is_break = current().is_name("break");
  const auto* tag = std::find_if(kTags.begin(), kTags.end(),
                                 [&](const auto& entry) { return current().is_name(entry.first); });
  if (is_break || current().is_name("continue")) {
    if (loop_depth_ == 0) return error(fmt::format("'{}' stands outside a loop", current().text));
    advance();
    if (is_break) {
      statement.node = BreakStatement{};
    } else {
      statement.node = ContinueStatement{};
    }
  } else if (tag != kTags.end()) {
    advance();
    SAMOVAR_TRY((this->*tag->second)(statement));
  } else if (std::find(kRefusedTags.begin(), kRefusedTags.end(), current().text) !=
             kRefusedTags.end()) {
    return unsupported(fmt::format("chat template, {}: tag '{}' is not supported in chat templates",
                                   describe_position(program_.text, current().offset),
                                   current().text));
  } else {
    return unexpected("a tag name");
  }
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  block.push_back(std::move(statement));
  return {};
}

Status Parser::parse_if(Statement& out) {
  IfStatement node;
  for (;;) {
    SAMOVAR_ASSIGN(ExprPtr condition, parse_tuple(&Parser::parse_or));
    SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
    SAMOVAR_ASSIGN(Block body, parse_block({"elif", "else", "endif"}));
    node.branches.emplace_back(std::move(condition), std::move(body));
    if (!skip_name("elif")) break;
  }
  if (skip_name("else")) {
    SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
    SAMOVAR_ASSIGN(node.otherwise, parse_block({"endif"}));
  }
  advance();
  out.node = std::move(node);
  return {};
}

Result<ExprPtr> Parser::parse_simple_target() {
  const Nesting nesting(depth_);
  SAMOVAR_TRY(check_nesting());
  if (skip_operator("(")) {
    SAMOVAR_ASSIGN(ExprPtr inner, parse_target());
    SAMOVAR_TRY(expect_operator(")"));
    return inner;
  }
  const size_t offset = current().offset;
  SAMOVAR_ASSIGN(const std::string_view name, expect_name());
  SAMOVAR_ASSIGN(ExprPtr target, make(ExprKind::kName, offset, {}));
  target->name = intern(name);
  if (!skip_operator(".")) return target;
  SAMOVAR_ASSIGN(const std::string_view attribute, expect_name());
  SAMOVAR_ASSIGN(ExprPtr whole, make(ExprKind::kAttribute, offset, list_of(std::move(target))));
  whole->name = intern(attribute);
  return whole;
}

Result<ExprPtr> Parser::parse_target() {
  const size_t offset = current().offset;
  std::vector<ExprPtr> items;
  do {
    if (!items.empty() && current().kind != TokenKind::kName && !current().is_operator("(")) break;
    SAMOVAR_ASSIGN(ExprPtr item, parse_simple_target());
    items.push_back(std::move(item));
    if (items.size() == 1 && !current().is_operator(",")) return std::move(items[0]);
  } while (skip_operator(","));
  return make(ExprKind::kTuple, offset, std::move(items));
}

Status Parser::parse_for(Statement& out) {
  ForStatement node;
  SAMOVAR_ASSIGN(node.target, parse_target());
  if (!skip_name("in")) return unexpected("'in'");
  SAMOVAR_ASSIGN(node.items, parse_tuple(&Parser::parse_or));
  if (skip_name("if")) {
    SAMOVAR_ASSIGN(node.condition, parse_expression());
  }
  if (current().is_name("recursive")) return error("recursive loops are not supported");
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  ++loop_depth_;
  SAMOVAR_ASSIGN(node.body, parse_block({"else", "endfor"}));
  --loop_depth_;
  if (skip_name("else")) {
    SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
    SAMOVAR_ASSIGN(node.otherwise, parse_block({"endfor"}));
  }
  advance();
  out.node = std::move(node);
  return {};
}

Status Parser::parse_set(Statement& out) {
  SAMOVAR_ASSIGN(ExprPtr target, parse_target());
  if (skip_operator("=")) {
    SAMOVAR_ASSIGN(ExprPtr value, parse_tuple(&Parser::parse_expression));
    out.node = SetStatement{std::move(target), std::move(value)};
    return {};
  }
  SetBlockStatement node;
  node.target = std::move(target);
  SAMOVAR_ASSIGN(node.filter, parse_block_filters());
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  SAMOVAR_ASSIGN(node.body, parse_block({"endset"}));
  advance();
  out.node = std::move(node);
  return {};
}

Result<ExprPtr> Parser::parse_block_filters() {
  ExprPtr chain;
  while (skip_operator("|")) {
    SAMOVAR_ASSIGN(chain, parse_filter(std::move(chain)));
  }
  return chain;
}

Status Parser::parse_parameters(MacroDef& macro) {
  SAMOVAR_TRY(expect_operator("("));
  while (!current().is_operator(")")) {
    SAMOVAR_ASSIGN(const std::string_view name, expect_name());
    macro.parameters.push_back(intern(name));
    if (skip_operator("=")) {
      SAMOVAR_ASSIGN(ExprPtr value, parse_expression());
      macro.defaults.push_back(std::move(value));
    } else if (!macro.defaults.empty()) {
      return error("parameter without a default stands behind one with a default");
    }
    if (!skip_operator(",")) break;
  }
  return expect_operator(")");
}

Status Parser::parse_macro_body(MacroDef& macro, std::string_view end_name) {
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  MacroDef* const enclosing_macro = std::exchange(macro_, &macro);
  const int enclosing_loops = std::exchange(loop_depth_, 0);
  SAMOVAR_ASSIGN(macro.body, parse_block({end_name}));
  macro_ = enclosing_macro;
  loop_depth_ = enclosing_loops;
  advance();
  return {};
}

Status Parser::parse_macro(Statement& out) {
  MacroDef macro;
  SAMOVAR_ASSIGN(const std::string_view name, expect_name());
  macro.name = intern(name);
  SAMOVAR_TRY(parse_parameters(macro));
  SAMOVAR_TRY(parse_macro_body(macro, "endmacro"));
  out.node = std::move(macro);
  return {};
}

Status Parser::parse_call_tag(Statement& out) {
  CallStatement node;
  node.caller.name = kCallerName;
  if (current().is_operator("(")) SAMOVAR_TRY(parse_parameters(node.caller));
  SAMOVAR_ASSIGN(node.call, parse_unary(true));
  if (node.call->kind != ExprKind::kCall) return unexpected("a call");
  SAMOVAR_TRY(parse_macro_body(node.caller, "endcall"));
  out.node = std::move(node);
  return {};
}

Status Parser::parse_filter_tag(Statement& out) {
  FilterStatement node;
  SAMOVAR_ASSIGN(node.filter, parse_filter(nullptr));
  while (skip_operator("|")) {
    SAMOVAR_ASSIGN(node.filter, parse_filter(std::move(node.filter)));
  }
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  SAMOVAR_ASSIGN(node.body, parse_block({"endfilter"}));
  advance();
  out.node = std::move(node);
  return {};
}

Status Parser::parse_with(Statement& out) {
  WithStatement node;
  while (current().kind == TokenKind::kName) {
    SetStatement assignment;
    SAMOVAR_ASSIGN(assignment.target, parse_simple_target());
    SAMOVAR_TRY(expect_operator("="));
    SAMOVAR_ASSIGN(assignment.value, parse_expression());
    node.assignments.push_back(std::move(assignment));
    if (!skip_operator(",")) break;
  }
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  SAMOVAR_ASSIGN(node.body, parse_block({"endwith"}));
  advance();
  out.node = std::move(node);
  return {};
}

Status Parser::parse_generation(Statement& out) {
  WithStatement node;
  SAMOVAR_TRY(expect_kind(TokenKind::kBlockEnd, "'%}'"));
  SAMOVAR_ASSIGN(node.body, parse_block({"endgeneration"}));
  advance();
  out.node = std::move(node);
  return {};
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
