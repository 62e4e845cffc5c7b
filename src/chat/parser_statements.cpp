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
  SAMOVAR_ASSIGN(node.call, parse_filtered());
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

}  // namespace samovar::chat
