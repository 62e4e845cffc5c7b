#include "chat/arguments.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {

Result<Values> Arguments::bind(std::string_view callee,
                               std::initializer_list<std::string_view> parameters,
                               size_t n_required) const {
  if (positional.size() > parameters.size()) {
    return runtime_error(fmt::format("{}() takes at most {} arguments, found {}", callee,
                                     parameters.size(), positional.size()));
  }
  Values bound = positional;
  bound.resize(parameters.size());
  for (const auto& [name, value] : named) {
    const auto* found = std::find(parameters.begin(), parameters.end(), name);
    const auto index = static_cast<size_t>(found - parameters.begin());
    if (found == parameters.end() || index < positional.size()) {
      return runtime_error(fmt::format("{}() got an unexpected argument '{}'", callee, name));
    }
    bound[index] = value;
  }
  for (size_t i = positional.size(); i < n_required; ++i) {
    if (bound[i].is_undefined()) {
      return runtime_error(
          fmt::format("{}() needs an argument '{}'", callee, parameters.begin()[i]));
    }
  }
  return bound;
}

Result<Value> call_native(Runtime& runtime, Native native, const Value& subject,
                          const Arguments& arguments) {
  size_t n_bytes = subject.string() ? subject.text().size() : 0;
  for (const Value& argument : arguments.positional) {
    if (argument.string()) n_bytes += argument.text().size();
  }
  SAMOVAR_TRY(runtime.spend_bytes(n_bytes));
  return native(runtime, subject, arguments);
}

const NativeEntry* find_native(std::span<const NativeEntry> table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const NativeEntry& entry) { return entry.name == name; });
  return found == table.end() ? nullptr : &*found;
}

Result<int64_t> integer_or(const Value& value, std::string_view parameter, int64_t fallback) {
  if (value.is_undefined()) return fallback;
  if (value.is_integral()) return value.as_integer();
  return runtime_error(
      fmt::format("argument '{}' must be int, found {}", parameter, value.type_name()));
}

Result<Text> text_or(const Value& value, std::string_view parameter, std::string_view fallback) {
  if (value.is_undefined()) return Text(std::string(fallback), Trust::kTrusted);
  if (value.string()) return value.text();
  return runtime_error(
      fmt::format("argument '{}' must be str, found {}", parameter, value.type_name()));
}

Value make_native_callable(const NativeEntry& entry, Value subject) {
  return Value(Value::Data(std::make_shared<const Callable>(
      Callable{entry.name, entry.native, std::move(subject), nullptr, nullptr})));
}

}  // namespace samovar::chat
