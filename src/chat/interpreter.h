// Interpreter: walks a Program once and writes its text.
//
// One per render. Recursion follows the program's tree and macro calls and is bounded by
// RenderLimits::max_depth; work is paid to the Runtime. Split over interpreter.cpp (statements),
// evaluator.cpp (expressions) and macro_call.cpp. Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/arguments.h"
#include "chat/ast.h"
#include "chat/runtime.h"

#include <memory>
#include <utility>
#include <vector>

namespace samovar::chat {

// Variables of one block. A macro defined in a scope sees its later changes, as in Python.
struct Scope {
  Scope* parent = nullptr;
  bool captured = false;  // a macro refers to it: it lives to the end of the render
  std::vector<std::pair<NameId, Value>> variables;

  const Value* find_here(NameId name) const;
  void set(NameId name, Value value);
};

class Interpreter {
 public:
  // BORROWS program and runtime. `globals` has a value for each name of the program.
  Interpreter(const Program& program, Runtime& runtime, Values globals);

  Result<Text> run();

 private:
  enum class Flow : uint8_t { kNext, kBreak, kContinue };
  class ScopeGuard;
  class DepthGuard;

  // Statements.
  Result<Flow> execute(const Block& block);
  Result<Flow> execute_statement(const Statement& statement);
  Status locate(Status status, size_t offset);
  Status write(const Text& text);
  // Runs a block in a scope of its own and gives what it wrote.
  Result<Value> capture(const Block& block);
  Result<Value> apply_filter(const Expr* filter, Value text);
  Status assign(const Expr& target, Value value);
  Status assign_attribute(const Expr& target, Value value);

  Result<Flow> run_node(const DataStatement& node);
  Result<Flow> run_node(const PrintStatement& node);
  Result<Flow> run_node(const IfStatement& node);
  Result<Flow> run_node(const ForStatement& node);
  Result<Flow> run_node(const SetStatement& node);
  Result<Flow> run_node(const SetBlockStatement& node);
  Result<Flow> run_node(const MacroDef& node);
  Result<Flow> run_node(const CallStatement& node);
  Result<Flow> run_node(const FilterStatement& node);
  Result<Flow> run_node(const WithStatement& node);
  Result<Flow> run_node(const BreakStatement&) { return Flow::kBreak; }
  Result<Flow> run_node(const ContinueStatement&) { return Flow::kContinue; }
  Result<Values> loop_items(const ForStatement& node);
  Result<Flow> run_loop(const ForStatement& node, Loop& loop, const Value& loop_value);

  // Expressions.
  Result<Value> evaluate(const Expr& expr);
  Result<Value> evaluate_kind(const Expr& expr);
  Result<Value> evaluate_name(const Expr& expr);
  Result<Values> evaluate_operands(const Expr& expr);
  Result<Value> evaluate_dict(const Expr& expr);
  Result<Value> evaluate_item(const Expr& expr);
  Result<Value> evaluate_slice(const Value& object, const Expr& slice);
  Result<Value> evaluate_call(const Expr& expr, const Value* caller);
  Result<Value> evaluate_filter(const Expr& expr);
  Result<Value> evaluate_test(const Expr& expr);
  Result<Value> evaluate_arithmetic(const Expr& expr);
  Result<Value> evaluate_compare(const Expr& expr);
  Result<Value> evaluate_logic(const Expr& expr);
  Result<Value> evaluate_concat(const Expr& expr);
  Result<Value> evaluate_conditional(const Expr& expr);
  Result<Arguments> evaluate_arguments(const Expr& expr);

  // Calls.
  Result<Value> call(const Value& callee, const Arguments& arguments);
  Result<Value> call_macro(const Callable& callable, const Arguments& arguments);
  Status bind_named(const MacroDef& macro, const Arguments& arguments);
  Status bind_parameters(const MacroDef& macro, const Arguments& arguments);
  Value make_macro(const MacroDef& macro);
  Value undefined(NameId name) const {
    return Value(Value::Data(Undefined{&program_.names[name]}));
  }

  const Program& program_;
  Runtime& runtime_;
  const Values globals_;
  std::vector<std::unique_ptr<Scope>> captured_scopes_;
  Scope* scope_ = nullptr;
  Text* out_ = nullptr;
  Value block_text_;  // what a filter without an input is applied to
  int depth_ = 0;
  int n_macro_calls_ = 0;  // nested, now
  bool located_ = false;   // the failure already names its line
};

// A scope for as long as this lives, inside `parent`.
class Interpreter::ScopeGuard {
 public:
  ScopeGuard(Interpreter& interpreter, Scope* parent);
  ~ScopeGuard();
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;
  // Empty again for the next round of a loop; a captured scope is left to its macros.
  void renew();

 private:
  void release();

  Interpreter& interpreter_;
  Scope* previous_;
  std::unique_ptr<Scope> scope_;
};

class Interpreter::DepthGuard {
 public:
  explicit DepthGuard(int& depth) : depth_(depth) { ++depth_; }
  ~DepthGuard() { --depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  int& depth_;
};

}  // namespace samovar::chat
