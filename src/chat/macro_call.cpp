// Calls: natives, and macros with their parameters.
#include "chat/interpreter.h"
#include "chat/operators.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {

Value Interpreter::make_macro(const MacroDef& macro) {
  for (Scope* scope = scope_; scope && !scope->captured; scope = scope->parent) {
    scope->captured = true;
  }
  return Value(Value::Data(std::make_shared<const Callable>(
      Callable{program_.names[macro.name], nullptr, Value(), &macro, scope_})));
}

Result<Value> Interpreter::call(const Value& callee, const Arguments& arguments) {
  if (callee.is_undefined()) return undefined_error(callee);
  const Callable* callable = callee.callable();
  if (!callable) {
    return runtime_error(fmt::format("'{}' object is not callable", callee.type_name()));
  }
  if (callable->macro) return call_macro(*callable, arguments);
  return call_native(runtime_, callable->native, callable->subject, arguments);
}

Result<Value> Interpreter::call_macro(const Callable& callable, const Arguments& arguments) {
  const DepthGuard calls(n_macro_calls_);
  if (n_macro_calls_ > program_.limits.max_depth) {
    return too_large(fmt::format("macros call each other over {} deep", program_.limits.max_depth));
  }
  const ScopeGuard scope(*this, callable.scope);
  SAMOVAR_TRY(bind_parameters(*callable.macro, arguments));
  return capture(callable.macro->body);
}

Status Interpreter::bind_named(const MacroDef& macro, const Arguments& arguments) {
  const std::string& callee = program_.names[macro.name];
  Dict extra;
  for (const auto& argument : arguments.named) {
    const std::string_view name = argument.first;
    const auto found = std::find_if(macro.parameters.begin(), macro.parameters.end(),
                                    [&](NameId id) { return program_.names[id] == name; });
    if (found != macro.parameters.end() && scope_->find_here(*found)) {
      return runtime_error(fmt::format("macro '{}' got two values for '{}'", callee, name));
    }
    if (found != macro.parameters.end()) {
      scope_->set(*found, argument.second);
    } else if (macro.uses_caller && name == program_.names[kCallerName]) {
      scope_->set(kCallerName, argument.second);
    } else if (macro.uses_kwargs) {
      extra.set(Value::literal(name), argument.second);
    } else {
      return runtime_error(fmt::format("macro '{}' takes no argument '{}'", callee, name));
    }
  }
  if (!macro.uses_kwargs) return {};
  SAMOVAR_ASSIGN(Value kwargs, runtime_.make_dict(std::move(extra)));
  scope_->set(kKwargsName, std::move(kwargs));
  return {};
}

// Sets the macro's parameters in the current scope, which is the macro's own and still empty.
Status Interpreter::bind_parameters(const MacroDef& macro, const Arguments& arguments) {
  const size_t n_parameters = macro.parameters.size();
  const size_t n_given = std::min(arguments.positional.size(), n_parameters);
  for (size_t i = 0; i < n_given; ++i) {
    scope_->set(macro.parameters[i], arguments.positional[i]);
  }
  if (arguments.positional.size() > n_given && !macro.uses_varargs) {
    return runtime_error(fmt::format("macro '{}' takes not more than {} arguments, found {}",
                                     program_.names[macro.name], n_parameters,
                                     arguments.positional.size()));
  }
  if (macro.uses_varargs) {
    const auto extra = arguments.positional.begin() + static_cast<std::ptrdiff_t>(n_given);
    SAMOVAR_ASSIGN(Value varargs,
                   runtime_.make_list(Values(extra, arguments.positional.end()), ListKind::kTuple));
    scope_->set(kVarargsName, std::move(varargs));
  }
  SAMOVAR_TRY(bind_named(macro, arguments));
  const size_t first_default = n_parameters - macro.defaults.size();
  for (size_t i = 0; i < n_parameters; ++i) {
    if (scope_->find_here(macro.parameters[i])) continue;
    Value value = undefined(macro.parameters[i]);
    if (i >= first_default) {
      SAMOVAR_ASSIGN(value, evaluate(*macro.defaults[i - first_default]));
    }
    scope_->set(macro.parameters[i], std::move(value));
  }
  return {};
}

}  // namespace samovar::chat
