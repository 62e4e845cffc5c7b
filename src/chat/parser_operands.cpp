#include "chat/filters.h"
#include "chat/parser.h"
#include "chat/predicates.h"
#include "chat/string_literal.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace samovar::chat {
namespace {

std::string without_underscores(std::string_view digits) {
  std::string plain(digits);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  return plain;
}

}  // namespace

Result<ExprPtr> Parser::parse_unary(bool with_filter) {
  const Nesting nesting(depth_);
  SAMOVAR_TRY(check_nesting());
  const size_t offset = current().offset;
  ExprPtr value;
  if (current().is_operator("-") || current().is_operator("+")) {
    const ExprKind kind = current().is_operator("-") ? ExprKind::kNegate : ExprKind::kPlus;
    advance();
    SAMOVAR_ASSIGN(ExprPtr operand, parse_unary(false));
    SAMOVAR_ASSIGN(value, make(kind, offset, list_of(std::move(operand))));
  } else {
    SAMOVAR_ASSIGN(value, parse_primary());
  }
  SAMOVAR_ASSIGN(value, parse_postfix(std::move(value)));
  if (!with_filter) return value;
  return parse_filters(std::move(value));
}

Result<ExprPtr> Parser::parse_primary() {
  const Token& token = current();
  switch (token.kind) {
    case TokenKind::kName:
      return parse_name_or_constant();
    case TokenKind::kString:
      return parse_strings();
    case TokenKind::kInteger:
    case TokenKind::kFloat:
      return parse_number();
    default:
      break;
  }
  if (token.is_operator("(")) return parse_parenthesized();
  if (token.is_operator("[")) return parse_list();
  if (token.is_operator("{")) return parse_dict();
  return unexpected("an expression");
}

Result<ExprPtr> Parser::parse_name_or_constant() {
  const Token token = current();
  advance();
  const auto is_any = [&](Names names) {
    return std::find(names.begin(), names.end(), token.text) != names.end();
  };
  const bool constant = is_any({"true", "True", "false", "False", "none", "None"});
  SAMOVAR_ASSIGN(ExprPtr expr,
                 make(constant ? ExprKind::kLiteral : ExprKind::kName, token.offset, {}));
  if (is_any({"none", "None"})) {
    expr->literal = Value::none();
  } else if (constant) {
    expr->literal = Value::boolean(is_any({"true", "True"}));
  } else {
    expr->name = intern(token.text);
    if (macro_ && expr->name == kVarargsName) macro_->uses_varargs = true;
    if (macro_ && expr->name == kKwargsName) macro_->uses_kwargs = true;
    if (macro_ && expr->name == kCallerName) macro_->uses_caller = true;
  }
  return expr;
}

Result<ExprPtr> Parser::parse_strings() {
  const size_t offset = current().offset;
  std::string bytes;
  while (current().kind == TokenKind::kString) {
    auto decoded = decode_string_literal(current().text);
    if (!decoded.ok()) return error(decoded.status().message());
    bytes += *decoded;
    advance();
  }
  SAMOVAR_ASSIGN(ExprPtr expr, make(ExprKind::kLiteral, offset, {}));
  expr->literal = Value::literal(bytes);
  return expr;
}

Result<ExprPtr> Parser::parse_number() {
  const std::string digits = without_underscores(current().text);
  SAMOVAR_ASSIGN(ExprPtr expr, make(ExprKind::kLiteral, current().offset, {}));
  const char* end = digits.data() + digits.size();
  if (current().kind == TokenKind::kFloat) {
    double real = 0;
    if (std::from_chars(digits.data(), end, real).ptr != end) return error("not a number");
    expr->literal = Value::real(real);
  } else {
    const std::string prefix = digits.substr(0, 2);
    const int base = prefix == "0x" || prefix == "0X"   ? 16
                     : prefix == "0o" || prefix == "0O" ? 8
                     : prefix == "0b" || prefix == "0B" ? 2
                                                        : 10;
    int64_t integer = 0;
    const auto [stop, code] =
        std::from_chars(digits.data() + (base == 10 ? 0 : 2), end, integer, base);
    if (stop != end || code != std::errc()) return error("number is no integer of 64 bits");
    expr->literal = Value::integer(integer);
  }
  advance();
  return expr;
}

Result<ExprPtr> Parser::parse_parenthesized() {
  const size_t offset = current().offset;
  advance();
  if (skip_operator(")")) return make(ExprKind::kTuple, offset, {});
  SAMOVAR_ASSIGN(ExprPtr inner, parse_tuple(&Parser::parse_expression));
  SAMOVAR_TRY(expect_operator(")"));
  return inner;
}

Result<ExprPtr> Parser::parse_list() {
  const size_t offset = current().offset;
  advance();
  std::vector<ExprPtr> items;
  while (!current().is_operator("]")) {
    SAMOVAR_ASSIGN(ExprPtr item, parse_expression());
    items.push_back(std::move(item));
    if (!skip_operator(",")) break;
  }
  SAMOVAR_TRY(expect_operator("]"));
  return make(ExprKind::kList, offset, std::move(items));
}

Result<ExprPtr> Parser::parse_dict() {
  const size_t offset = current().offset;
  advance();
  std::vector<ExprPtr> items;
  while (!current().is_operator("}")) {
    SAMOVAR_ASSIGN(ExprPtr key, parse_expression());
    SAMOVAR_TRY(expect_operator(":"));
    SAMOVAR_ASSIGN(ExprPtr value, parse_expression());
    items.push_back(std::move(key));
    items.push_back(std::move(value));
    if (!skip_operator(",")) break;
  }
  SAMOVAR_TRY(expect_operator("}"));
  return make(ExprKind::kDict, offset, std::move(items));
}

Result<ExprPtr> Parser::parse_postfix(ExprPtr value) {
  for (;;) {
    if (current().is_operator(".")) {
      SAMOVAR_ASSIGN(value, parse_attribute(std::move(value)));
    } else if (current().is_operator("[")) {
      SAMOVAR_ASSIGN(value, parse_item(std::move(value)));
    } else if (current().is_operator("(")) {
      SAMOVAR_ASSIGN(value, parse_call(std::move(value)));
    } else {
      return value;
    }
  }
}

Result<ExprPtr> Parser::parse_attribute(ExprPtr object) {
  const size_t offset = current().offset;
  advance();
  std::vector<ExprPtr> operands = list_of(std::move(object));
  if (current().kind == TokenKind::kInteger) {
    SAMOVAR_ASSIGN(ExprPtr index, parse_number());
    operands.push_back(std::move(index));
    return make(ExprKind::kItem, offset, std::move(operands));
  }
  SAMOVAR_ASSIGN(const std::string_view name, expect_name());
  SAMOVAR_ASSIGN(ExprPtr expr, make(ExprKind::kAttribute, offset, std::move(operands)));
  expr->name = intern(name);
  return expr;
}

Result<ExprPtr> Parser::parse_item(ExprPtr object) {
  const size_t offset = current().offset;
  advance();
  std::vector<ExprPtr> indices;
  while (!current().is_operator("]")) {
    SAMOVAR_ASSIGN(ExprPtr index, parse_index());
    indices.push_back(std::move(index));
    if (!skip_operator(",")) break;
  }
  SAMOVAR_TRY(expect_operator("]"));
  if (indices.empty()) return error("subscript is empty");
  if (indices.size() > 1) return error("subscript of several indices is not supported");
  std::vector<ExprPtr> operands = list_of(std::move(object));
  operands.push_back(std::move(indices[0]));
  return make(ExprKind::kItem, offset, std::move(operands));
}

Result<ExprPtr> Parser::parse_index() {
  const size_t offset = current().offset;
  std::vector<ExprPtr> parts(3);
  if (!current().is_operator(":")) {
    SAMOVAR_ASSIGN(parts[0], parse_expression());
    if (!current().is_operator(":")) return std::move(parts[0]);
  }
  for (size_t i = 1; i < parts.size() && skip_operator(":"); ++i) {
    const bool absent =
        current().is_operator(":") || current().is_operator("]") || current().is_operator(",");
    if (!absent) {
      SAMOVAR_ASSIGN(parts[i], parse_expression());
    }
  }
  return make(ExprKind::kSlice, offset, std::move(parts));
}

Status Parser::parse_arguments(std::vector<ExprPtr>& operands, std::vector<NameId>& keywords) {
  SAMOVAR_TRY(expect_operator("("));
  while (!current().is_operator(")")) {
    if (current().is_operator("*") || current().is_operator("**")) {
      return error("unpacked arguments (*, **) are not supported");
    }
    if (current().kind == TokenKind::kName && look().is_operator("=")) {
      keywords.push_back(intern(current().text));
      advance();
      advance();
    } else if (!keywords.empty()) {
      return error("positional argument stands behind a named one");
    }
    SAMOVAR_ASSIGN(ExprPtr argument, parse_expression());
    operands.push_back(std::move(argument));
    if (!skip_operator(",")) break;
  }
  return expect_operator(")");
}

Result<ExprPtr> Parser::parse_call(ExprPtr callee) {
  const size_t offset = current().offset;
  std::vector<ExprPtr> operands = list_of(std::move(callee));
  std::vector<NameId> keywords;
  SAMOVAR_TRY(parse_arguments(operands, keywords));
  SAMOVAR_ASSIGN(ExprPtr expr, make(ExprKind::kCall, offset, std::move(operands)));
  expr->keywords = std::move(keywords);
  return expr;
}

Result<ExprPtr> Parser::parse_filters(ExprPtr value) {
  for (;;) {
    if (skip_operator("|")) {
      SAMOVAR_ASSIGN(value, parse_filter(std::move(value)));
    } else if (skip_name("is")) {
      SAMOVAR_ASSIGN(value, parse_test(std::move(value)));
    } else if (current().is_operator("(")) {
      SAMOVAR_ASSIGN(value, parse_call(std::move(value)));
    } else {
      return value;
    }
  }
}

Result<ExprPtr> Parser::parse_filter(ExprPtr input) {
  const size_t offset = current().offset;
  SAMOVAR_ASSIGN(const std::string_view name, expect_name());
  std::vector<ExprPtr> operands = list_of(std::move(input));
  std::vector<NameId> keywords;
  if (current().is_operator("(")) SAMOVAR_TRY(parse_arguments(operands, keywords));
  SAMOVAR_ASSIGN(ExprPtr expr, make(ExprKind::kFilter, offset, std::move(operands)));
  expr->name = intern(name);
  expr->native = find_filter(name);
  expr->keywords = std::move(keywords);
  return expr;
}

Result<ExprPtr> Parser::parse_test(ExprPtr subject) {
  const size_t offset = current().offset;
  const bool negated = skip_name("not");
  SAMOVAR_ASSIGN(const std::string_view name, expect_name());
  std::vector<ExprPtr> operands = list_of(std::move(subject));
  std::vector<NameId> keywords;
  const Token& next = current();
  const bool keyword = next.is_name("else") || next.is_name("or") || next.is_name("and") ||
                       next.is_name("is") || next.is_name("if") || next.is_name("in") ||
                       next.is_name("not");
  if (next.is_operator("(")) {
    SAMOVAR_TRY(parse_arguments(operands, keywords));
  } else if ((next.kind == TokenKind::kName && !keyword) || next.kind == TokenKind::kString ||
             next.kind == TokenKind::kInteger || next.kind == TokenKind::kFloat ||
             next.is_operator("[") || next.is_operator("{")) {
    SAMOVAR_ASSIGN(ExprPtr primary, parse_primary());
    SAMOVAR_ASSIGN(ExprPtr argument, parse_postfix(std::move(primary)));
    operands.push_back(std::move(argument));
  }
  SAMOVAR_ASSIGN(ExprPtr expr, make(ExprKind::kTest, offset, std::move(operands)));
  expr->name = intern(name);
  expr->native = find_test(name);
  expr->keywords = std::move(keywords);
  if (!negated) return expr;
  return make(ExprKind::kNot, offset, list_of(std::move(expr)));
}

}  // namespace samovar::chat
