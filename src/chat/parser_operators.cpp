#include "chat/parser.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {
Result<ExprPtr> Parser::make(ExprKind kind, size_t offset, std::vector<ExprPtr> operands) const {
  auto expr = std::make_unique<Expr>();
  expr->kind = kind;
  expr->offset = offset;
  expr->operands = std::move(operands);
  for (const ExprPtr& operand : expr->operands) {
    if (operand) expr->depth = std::max(expr->depth, operand->depth + 1);
  }
  // Chains (a.b.c, x|f|g) deepen the tree without brackets, so the tree may be deeper than the
  // nesting.
  if (expr->depth > 2 * program_.limits.max_depth) {
    return too_large(fmt::format("chat template, {}: expression is over {} deep",
                                 describe_position(program_.text, offset),
                                 2 * program_.limits.max_depth));
  }
  return expr;
}

Result<ExprPtr> Parser::parse_tuple(Result<ExprPtr> (Parser::*part)()) {
  const size_t offset = current().offset;
  std::vector<ExprPtr> items;
  bool has_comma = false;
  for (;;) {
    if (current().kind == TokenKind::kBlockEnd || current().kind == TokenKind::kVariableEnd ||
        current().is_operator(")") || current().is_operator("=")) {
      break;
    }
    SAMOVAR_ASSIGN(ExprPtr item, (this->*part)());
    items.push_back(std::move(item));
    if (!skip_operator(",")) break;
    has_comma = true;
  }
  if (items.empty()) return unexpected("an expression");
  if (!has_comma) return std::move(items[0]);
  return make(ExprKind::kTuple, offset, std::move(items));
}

Result<ExprPtr> Parser::parse_expression() {
  const Nesting nesting(depth_);
  SAMOVAR_TRY(check_nesting());
  SAMOVAR_ASSIGN(ExprPtr value, parse_or());
  while (current().is_name("if")) {
    std::vector<ExprPtr> operands = list_of(std::move(value));
    const size_t offset = current().offset;
    advance();
    SAMOVAR_ASSIGN(ExprPtr condition, parse_or());
    operands.push_back(std::move(condition));
    ExprPtr otherwise;
    if (skip_name("else")) {
      SAMOVAR_ASSIGN(otherwise, parse_expression());
    }
    operands.push_back(std::move(otherwise));
    SAMOVAR_ASSIGN(value, make(ExprKind::kConditional, offset, std::move(operands)));
  }
  return value;
}

Result<ExprPtr> Parser::parse_flat(Result<ExprPtr> (Parser::*part)(), ExprKind kind,
                                   std::string_view separator) {
  const size_t offset = current().offset;
  const auto skip = [&] { return skip_name(separator) || skip_operator(separator); };
  SAMOVAR_ASSIGN(ExprPtr first, (this->*part)());
  if (!skip()) return first;
  std::vector<ExprPtr> operands = list_of(std::move(first));
  do {
    SAMOVAR_ASSIGN(ExprPtr next, (this->*part)());
    operands.push_back(std::move(next));
  } while (skip());
  return make(kind, offset, std::move(operands));
}

Result<ExprPtr> Parser::parse_or() {
  return parse_flat(&Parser::parse_and, ExprKind::kOr, "or");
}

Result<ExprPtr> Parser::parse_and() {
  return parse_flat(&Parser::parse_not, ExprKind::kAnd, "and");
}

Result<ExprPtr> Parser::parse_not() {
  const size_t offset = current().offset;
  size_t n_not = 0;
  while (skip_name("not")) ++n_not;
  SAMOVAR_ASSIGN(ExprPtr value, parse_compare());
  for (; n_not > 0; --n_not) {
    SAMOVAR_ASSIGN(value, make(ExprKind::kNot, offset, list_of(std::move(value))));
  }
  return value;
}

Result<ExprPtr> Parser::parse_chain(
    Result<ExprPtr> (Parser::*part)(), ExprKind kind,
    std::initializer_list<std::pair<std::string_view, Operator>> table) {
  const size_t offset = current().offset;
  SAMOVAR_ASSIGN(ExprPtr first, (this->*part)());
  std::vector<ExprPtr> operands = list_of(std::move(first));
  std::vector<Operator> operators;
  for (;;) {
    const auto* found = std::find_if(table.begin(), table.end(), [&](const auto& entry) {
      return current().is_operator(entry.first) || current().is_name(entry.first);
    });
    const bool not_in =
        kind == ExprKind::kCompare && current().is_name("not") && look().is_name("in");
    if (found == table.end() && !not_in) break;
    advance();
    if (not_in) advance();
    operators.push_back(not_in ? Operator::kNotIn : found->second);
    SAMOVAR_ASSIGN(ExprPtr next, (this->*part)());
    operands.push_back(std::move(next));
  }
  if (operators.empty()) return std::move(operands[0]);
  SAMOVAR_ASSIGN(ExprPtr chain, make(kind, offset, std::move(operands)));
  chain->operators = std::move(operators);
  return chain;
}

Result<ExprPtr> Parser::parse_compare() {
  return parse_chain(&Parser::parse_sum, ExprKind::kCompare,
                     {{"==", Operator::kEqual},
                      {"!=", Operator::kNotEqual},
                      {"<", Operator::kLess},
                      {"<=", Operator::kLessEqual},
                      {">", Operator::kGreater},
                      {">=", Operator::kGreaterEqual},
                      {"in", Operator::kIn}});
}

Result<ExprPtr> Parser::parse_sum() {
  return parse_chain(&Parser::parse_concat, ExprKind::kArithmetic,
                     {{"+", Operator::kAdd}, {"-", Operator::kSubtract}});
}

Result<ExprPtr> Parser::parse_concat() {
  return parse_flat(&Parser::parse_product, ExprKind::kConcat, "~");
}

Result<ExprPtr> Parser::parse_product() {
  return parse_chain(&Parser::parse_power, ExprKind::kArithmetic,
                     {{"*", Operator::kMultiply},
                      {"/", Operator::kDivide},
                      {"//", Operator::kFloorDivide},
                      {"%", Operator::kModulo}});
}

Result<ExprPtr> Parser::parse_power() {
  return parse_chain(&Parser::parse_filtered, ExprKind::kArithmetic, {{"**", Operator::kPower}});
}

}  // namespace samovar::chat
