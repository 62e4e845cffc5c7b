// The expressions of the Interpreter.
#include "chat/interpreter.h"
#include "chat/lookup.h"
#include "chat/operators.h"
#include "chat/python_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// Levels of evaluation in all, for each level of nesting that RenderLimits allows: an expression in
// a statement in a macro in a loop takes several. The deepest render of hostile_test.cpp then needs
// less than 1 MiB of stack (release build).
constexpr int kLevelsPerDepth = 8;

}  // namespace

Result<Value> Interpreter::evaluate(const Expr& expr) {
  SAMOVAR_TRY(runtime_.spend(1));
  const DepthGuard depth(depth_);
  if (depth_ > kLevelsPerDepth * program_.limits.max_depth) {
    return too_large(fmt::format("evaluation is over {} levels deep",
                                 kLevelsPerDepth * program_.limits.max_depth));
  }
  return evaluate_kind(expr);
}

Result<Value> Interpreter::evaluate_kind(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kLiteral:
      return expr.literal;
    case ExprKind::kName:
      return evaluate_name(expr);
    case ExprKind::kList:
    case ExprKind::kTuple: {
      SAMOVAR_ASSIGN(Values items, evaluate_operands(expr));
      const bool is_list = expr.kind == ExprKind::kList;
      return runtime_.make_list(std::move(items), is_list ? ListKind::kList : ListKind::kTuple);
    }
    case ExprKind::kDict:
      return evaluate_dict(expr);
    case ExprKind::kAttribute: {
      SAMOVAR_ASSIGN(const Value object, evaluate(*expr.operands[0]));
      return get_attribute(runtime_, object, program_.names[expr.name]);
    }
    case ExprKind::kItem:
      return evaluate_item(expr);
    case ExprKind::kSlice:
      return runtime_error("a slice stands outside brackets");
    case ExprKind::kCall:
      return evaluate_call(expr, nullptr);
    case ExprKind::kFilter:
      return evaluate_filter(expr);
    case ExprKind::kTest:
      return evaluate_test(expr);
    case ExprKind::kNot: {
      SAMOVAR_ASSIGN(const Value operand, evaluate(*expr.operands[0]));
      return Value::boolean(!operand.truthy());
    }
    case ExprKind::kNegate: {
      SAMOVAR_ASSIGN(const Value operand, evaluate(*expr.operands[0]));
      return negate(operand);
    }
    case ExprKind::kPlus: {
      SAMOVAR_ASSIGN(const Value operand, evaluate(*expr.operands[0]));
      return arithmetic(runtime_, Operator::kAdd, Value::integer(0), operand);
    }
    case ExprKind::kArithmetic:
      return evaluate_arithmetic(expr);
    case ExprKind::kCompare:
      return evaluate_compare(expr);
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return evaluate_logic(expr);
    case ExprKind::kConcat:
      return evaluate_concat(expr);
    case ExprKind::kConditional:
      return evaluate_conditional(expr);
  }
  return internal_error("expression of unknown kind");
}

Result<Value> Interpreter::evaluate_name(const Expr& expr) {
  for (const Scope* scope = scope_; scope; scope = scope->parent) {
    SAMOVAR_TRY(runtime_.spend(static_cast<int64_t>(scope->variables.size() / 16)));
    if (const Value* found = scope->find_here(expr.name)) return *found;
  }
  return globals_[expr.name];
}

Result<Values> Interpreter::evaluate_operands(const Expr& expr) {
  Values values;
  values.reserve(expr.operands.size());
  for (const ExprPtr& operand : expr.operands) {
    SAMOVAR_ASSIGN(Value value, evaluate(*operand));
    values.push_back(std::move(value));
  }
  return values;
}

Result<Value> Interpreter::evaluate_dict(const Expr& expr) {
  SAMOVAR_ASSIGN(Values items, evaluate_operands(expr));
  Dict dict;
  for (size_t i = 0; i < items.size(); i += 2) {
    if (!Dict::is_key(items[i])) {
      return runtime_error(fmt::format("unhashable type: '{}'", items[i].type_name()));
    }
    SAMOVAR_TRY(runtime_.spend(static_cast<int64_t>(dict.other_keys.size() / 8)));
    dict.set(items[i], std::move(items[i + 1]));
  }
  return runtime_.make_dict(std::move(dict));
}

Result<Value> Interpreter::evaluate_item(const Expr& expr) {
  SAMOVAR_ASSIGN(const Value object, evaluate(*expr.operands[0]));
  const Expr& index = *expr.operands[1];
  if (index.kind == ExprKind::kSlice) return evaluate_slice(object, index);
  SAMOVAR_ASSIGN(const Value key, evaluate(index));
  SAMOVAR_ASSIGN(Value item, get_item(runtime_, object, key));
  const bool named = index.kind == ExprKind::kLiteral && index.literal.string();
  if (item.is_undefined() && named) {
    return Value(Value::Data(Undefined{&index.literal.bytes()}));
  }
  return item;
}

Result<Value> Interpreter::evaluate_slice(const Value& object, const Expr& slice) {
  std::optional<int64_t> parts[3];
  for (size_t i = 0; i < slice.operands.size(); ++i) {
    if (!slice.operands[i]) continue;
    SAMOVAR_ASSIGN(const Value part, evaluate(*slice.operands[i]));
    if (part.is_none()) continue;
    if (!part.is_integral()) {
      return runtime_error(fmt::format("slice indices must be int, found {}", part.type_name()));
    }
    parts[i] = part.as_integer();
  }
  return get_slice(runtime_, object, {parts[0], parts[1], parts[2]});
}

Result<Arguments> Interpreter::evaluate_arguments(const Expr& expr) {
  Arguments arguments;
  const size_t n_named = expr.keywords.size();
  const size_t first_named = expr.operands.size() - n_named;
  for (size_t i = 1; i < expr.operands.size(); ++i) {
    SAMOVAR_ASSIGN(Value value, evaluate(*expr.operands[i]));
    if (i < first_named) {
      arguments.positional.push_back(std::move(value));
    } else {
      const std::string& name = program_.names[expr.keywords[i - first_named]];
      arguments.named.emplace_back(name, std::move(value));
    }
  }
  return arguments;
}

Result<Value> Interpreter::evaluate_call(const Expr& expr, const Value* caller) {
  SAMOVAR_ASSIGN(const Value callee, evaluate(*expr.operands[0]));
  SAMOVAR_ASSIGN(Arguments arguments, evaluate_arguments(expr));
  if (caller) arguments.named.emplace_back(program_.names[kCallerName], *caller);
  return call(callee, arguments);
}

Result<Value> Interpreter::evaluate_filter(const Expr& expr) {
  Value subject = block_text_;
  if (expr.operands[0]) {
    SAMOVAR_ASSIGN(subject, evaluate(*expr.operands[0]));
  }
  if (!expr.native) {
    return runtime_error(fmt::format("no filter named '{}'", program_.names[expr.name]));
  }
  SAMOVAR_ASSIGN(const Arguments arguments, evaluate_arguments(expr));
  return call_native(runtime_, expr.native, subject, arguments);
}

Result<Value> Interpreter::evaluate_test(const Expr& expr) {
  SAMOVAR_ASSIGN(const Value subject, evaluate(*expr.operands[0]));
  if (!expr.native) {
    return runtime_error(fmt::format("no test named '{}'", program_.names[expr.name]));
  }
  SAMOVAR_ASSIGN(const Arguments arguments, evaluate_arguments(expr));
  return call_native(runtime_, expr.native, subject, arguments);
}

Result<Value> Interpreter::evaluate_arithmetic(const Expr& expr) {
  SAMOVAR_ASSIGN(Value result, evaluate(*expr.operands[0]));
  for (size_t i = 0; i < expr.operators.size(); ++i) {
    SAMOVAR_ASSIGN(const Value next, evaluate(*expr.operands[i + 1]));
    SAMOVAR_ASSIGN(result, arithmetic(runtime_, expr.operators[i], result, next));
  }
  return result;
}

Result<Value> Interpreter::evaluate_compare(const Expr& expr) {
  SAMOVAR_ASSIGN(Value left, evaluate(*expr.operands[0]));
  for (size_t i = 0; i < expr.operators.size(); ++i) {
    SAMOVAR_ASSIGN(Value right, evaluate(*expr.operands[i + 1]));
    SAMOVAR_ASSIGN(const bool holds, compare(runtime_, expr.operators[i], left, right));
    if (!holds) return Value::boolean(false);
    left = std::move(right);
  }
  return Value::boolean(true);
}

// The operand that decides, as Python's `and` and `or` give it.
Result<Value> Interpreter::evaluate_logic(const Expr& expr) {
  const bool stops_at = expr.kind == ExprKind::kOr;
  Value value;
  for (const ExprPtr& operand : expr.operands) {
    SAMOVAR_ASSIGN(value, evaluate(*operand));
    if (value.truthy() == stops_at) break;
  }
  return value;
}

Result<Value> Interpreter::evaluate_concat(const Expr& expr) {
  Text joined;
  for (const ExprPtr& operand : expr.operands) {
    SAMOVAR_ASSIGN(const Value value, evaluate(*operand));
    SAMOVAR_ASSIGN(const Text text, to_text(runtime_, value));
    joined.append(text);
    SAMOVAR_TRY(runtime_.check_size(joined.size()));
  }
  return runtime_.make_string(std::move(joined));
}

Result<Value> Interpreter::evaluate_conditional(const Expr& expr) {
  SAMOVAR_ASSIGN(const Value condition, evaluate(*expr.operands[1]));
  if (condition.truthy()) return evaluate(*expr.operands[0]);
  if (!expr.operands[2]) return Value();
  return evaluate(*expr.operands[2]);
}

}  // namespace samovar::chat
