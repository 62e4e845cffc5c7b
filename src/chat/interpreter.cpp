#include "chat/interpreter.h"

#include "chat/lexer.h"
#include "chat/operators.h"
#include "chat/python_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {

const Value* Scope::find_here(NameId name) const {
  const auto found = std::find_if(variables.begin(), variables.end(),
                                  [&](const auto& variable) { return variable.first == name; });
  return found == variables.end() ? nullptr : &found->second;
}

void Scope::set(NameId name, Value value) {
  const auto found = std::find_if(variables.begin(), variables.end(),
                                  [&](const auto& variable) { return variable.first == name; });
  if (found == variables.end()) {
    variables.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

Interpreter::ScopeGuard::ScopeGuard(Interpreter& interpreter, Scope* parent)
    : interpreter_(interpreter), previous_(interpreter.scope_), scope_(std::make_unique<Scope>()) {
  scope_->parent = parent;
  interpreter_.scope_ = scope_.get();
}

Interpreter::ScopeGuard::~ScopeGuard() {
  release();
  interpreter_.scope_ = previous_;
}

void Interpreter::ScopeGuard::release() {
  if (scope_->captured) interpreter_.captured_scopes_.push_back(std::move(scope_));
}

void Interpreter::ScopeGuard::renew() {
  Scope* const parent = scope_->parent;
  release();
  if (scope_) {
    scope_->variables.clear();
    return;
  }
  scope_ = std::make_unique<Scope>();
  scope_->parent = parent;
  interpreter_.scope_ = scope_.get();
}

Interpreter::Interpreter(const Program& program, Runtime& runtime, Values globals)
    : program_(program), runtime_(runtime), globals_(std::move(globals)) {}

Result<Text> Interpreter::run() {
  Text out;
  out_ = &out;
  const ScopeGuard top(*this, nullptr);
  auto flow = execute(program_.body);
  if (!flow.ok()) return std::move(flow).status();
  return out;
}

// Adds the line to a failure once, where it first passes a statement. What raise_exception says is
// the template's own sentence and stays as it is.
Status Interpreter::locate(Status status, size_t offset) {
  if (located_ || status.code() == Code::kInvalidArgument) return status;
  located_ = true;
  return status.with_context(
      fmt::format("chat template, {}", describe_position(program_.text, offset)));
}

Result<Interpreter::Flow> Interpreter::execute(const Block& block) {
  for (const Statement& statement : block) {
    auto flow = execute_statement(statement);
    if (!flow.ok()) return locate(std::move(flow).status(), statement.offset);
    if (*flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::execute_statement(const Statement& statement) {
  SAMOVAR_TRY(runtime_.spend(1));
  const DepthGuard depth(depth_);
  return std::visit([this](const auto& node) { return run_node(node); }, statement.node);
}

Status Interpreter::write(const Text& text) {
  SAMOVAR_TRY(runtime_.check_size(out_->size() + text.size()));
  SAMOVAR_TRY(runtime_.spend_bytes(text.size()));
  out_->append(text);
  return {};
}

Result<Value> Interpreter::capture(const Block& block) {
  Text captured;
  Text* const outer = std::exchange(out_, &captured);
  auto flow = execute(block);
  out_ = outer;
  if (!flow.ok()) return std::move(flow).status();
  return runtime_.make_string(std::move(captured));
}

Result<Value> Interpreter::apply_filter(const Expr* filter, Value text) {
  if (!filter) return text;
  block_text_ = std::move(text);
  return evaluate(*filter);
}

Result<Interpreter::Flow> Interpreter::run_node(const DataStatement& node) {
  SAMOVAR_TRY(write(node.text));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const PrintStatement& node) {
  SAMOVAR_ASSIGN(const Value value, evaluate(*node.value));
  if (value.string()) {
    SAMOVAR_TRY(write(value.text()));
    return Flow::kNext;
  }
  SAMOVAR_ASSIGN(const Text text, to_text(runtime_, value));
  SAMOVAR_TRY(write(text));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const IfStatement& node) {
  for (const auto& [condition, body] : node.branches) {
    SAMOVAR_ASSIGN(const Value holds, evaluate(*condition));
    if (holds.truthy()) return execute(body);
  }
  return execute(node.otherwise);
}

Result<Values> Interpreter::loop_items(const ForStatement& node) {
  SAMOVAR_ASSIGN(const Value iterable, evaluate(*node.items));
  SAMOVAR_ASSIGN(Values items, runtime_.iterate(iterable));
  if (!node.condition) return items;
  Values kept;
  ScopeGuard scope(*this, scope_);
  for (Value& item : items) {
    scope.renew();
    SAMOVAR_TRY(assign(*node.target, item));
    SAMOVAR_ASSIGN(const Value holds, evaluate(*node.condition));
    if (holds.truthy()) kept.push_back(std::move(item));
  }
  return kept;
}

Result<Interpreter::Flow> Interpreter::run_node(const ForStatement& node) {
  SAMOVAR_ASSIGN(Values items, loop_items(node));
  if (items.empty()) {
    const ScopeGuard scope(*this, scope_);
    return execute(node.otherwise);
  }
  const auto loop = std::make_shared<Loop>();
  loop->items = std::move(items);
  auto flow = run_loop(node, *loop, Value(Value::Data(loop)));
  loop->last_changed.clear();  // may hold the loop itself
  return flow;
}

Result<Interpreter::Flow> Interpreter::run_loop(const ForStatement& node, Loop& loop,
                                                const Value& loop_value) {
  ScopeGuard scope(*this, scope_);
  for (; loop.index0 < loop.items.size(); ++loop.index0) {
    SAMOVAR_TRY(runtime_.spend(1));
    scope.renew();
    scope_->set(kLoopName, loop_value);
    SAMOVAR_TRY(assign(*node.target, loop.items[loop.index0]));
    SAMOVAR_ASSIGN(const Flow flow, execute(node.body));
    if (flow == Flow::kBreak) break;
  }
  return Flow::kNext;
}

Status Interpreter::assign_attribute(const Expr& target, Value value) {
  SAMOVAR_ASSIGN(const Value object, evaluate(*target.operands[0]));
  Namespace* space = object.name_space();
  if (!space) return runtime_error("attributes can be set on namespaces only");
  space->attributes.insert_or_assign(program_.names[target.name], std::move(value));
  return {};
}

// Recursion follows the target's tree, whose depth the parser bounded.
Status Interpreter::assign(const Expr& target, Value value) {
  if (target.kind == ExprKind::kName) {
    scope_->set(target.name, std::move(value));
    return {};
  }
  if (target.kind == ExprKind::kAttribute) return assign_attribute(target, std::move(value));
  SAMOVAR_ASSIGN(Values items, runtime_.iterate(value));
  if (items.size() != target.operands.size()) {
    return runtime_error(
        fmt::format("cannot unpack {} values into {} names", items.size(), target.operands.size()));
  }
  for (size_t i = 0; i < items.size(); ++i) {
    SAMOVAR_TRY(assign(*target.operands[i], std::move(items[i])));
  }
  return {};
}

Result<Interpreter::Flow> Interpreter::run_node(const SetStatement& node) {
  SAMOVAR_ASSIGN(Value value, evaluate(*node.value));
  SAMOVAR_TRY(assign(*node.target, std::move(value)));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const SetBlockStatement& node) {
  Value text;
  {
    const ScopeGuard scope(*this, scope_);
    SAMOVAR_ASSIGN(text, capture(node.body));
  }
  SAMOVAR_ASSIGN(text, apply_filter(node.filter.get(), std::move(text)));
  SAMOVAR_TRY(assign(*node.target, std::move(text)));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const MacroDef& node) {
  scope_->set(node.name, make_macro(node));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const CallStatement& node) {
  const Value caller = make_macro(node.caller);
  SAMOVAR_ASSIGN(const Value value, evaluate_call(*node.call, &caller));
  SAMOVAR_ASSIGN(const Text text, to_text(runtime_, value));
  SAMOVAR_TRY(write(text));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const FilterStatement& node) {
  const ScopeGuard scope(*this, scope_);
  SAMOVAR_ASSIGN(Value text, capture(node.body));
  SAMOVAR_ASSIGN(const Value filtered, apply_filter(node.filter.get(), std::move(text)));
  SAMOVAR_ASSIGN(const Text out, to_text(runtime_, filtered));
  SAMOVAR_TRY(write(out));
  return Flow::kNext;
}

Result<Interpreter::Flow> Interpreter::run_node(const WithStatement& node) {
  Values values;
  for (const SetStatement& assignment : node.assignments) {
    SAMOVAR_ASSIGN(Value value, evaluate(*assignment.value));
    values.push_back(std::move(value));
  }
  const ScopeGuard scope(*this, scope_);
  for (size_t i = 0; i < values.size(); ++i) {
    SAMOVAR_TRY(assign(*node.assignments[i].target, std::move(values[i])));
  }
  return execute(node.body);
}

}  // namespace samovar::chat
