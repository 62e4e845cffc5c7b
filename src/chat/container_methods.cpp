// Methods of dict, list and loop, and the choice of the table by type.
#include "chat/methods.h"

#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

Result<Value> get_method(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("get", {"key", "default"}));
  const Value fallback =
      bound[1].is_undefined() && arguments.positional.size() < 2 ? Value::none() : bound[1];
  if (bound[0].is_undefined()) return fallback;
  if (!Dict::is_key(bound[0])) {
    return runtime_error(fmt::format("unhashable type: '{}'", bound[0].type_name()));
  }
  const Value* found = subject.dict()->find(bound[0]);
  return found ? *found : fallback;
}

Result<Value> keys_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("keys", {}).status());
  SAMOVAR_ASSIGN(Values keys, runtime.iterate(subject));
  return runtime.make_list(std::move(keys), ListKind::kView);
}

Result<Value> values_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("values", {}).status());
  Values values;
  for (const auto& entry : subject.dict()->entries) values.push_back(entry.second);
  return runtime.make_list(std::move(values), ListKind::kView);
}

Result<Value> items_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("items", {}).status());
  Values pairs;
  for (const auto& [key, value] : subject.dict()->entries) {
    SAMOVAR_ASSIGN(Value pair, runtime.make_list({key, value}, ListKind::kTuple));
    pairs.push_back(std::move(pair));
  }
  return runtime.make_list(std::move(pairs), ListKind::kView);
}

// Containers never change, so a copy is the thing itself.
Result<Value> copy_method(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("copy", {}).status());
  return subject;
}

Result<Value> list_count_method(Runtime& runtime, const Value& subject,
                                const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("count", {"value"}, 1));
  int64_t n = 0;
  for (const Value& item : subject.list()->items) {
    SAMOVAR_ASSIGN(const bool same, runtime.equal(item, bound[0]));
    if (same) ++n;
  }
  return Value::integer(n);
}

Result<Value> list_index_method(Runtime& runtime, const Value& subject,
                                const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("index", {"value"}, 1));
  const Values& items = subject.list()->items;
  for (size_t i = 0; i < items.size(); ++i) {
    SAMOVAR_ASSIGN(const bool same, runtime.equal(items[i], bound[0]));
    if (same) return Value::integer(static_cast<int64_t>(i));
  }
  return runtime_error("list.index(): value is not in the list");
}

Result<Value> cycle_method(Runtime&, const Value& subject, const Arguments& arguments) {
  if (arguments.positional.empty()) return runtime_error("loop.cycle() needs values");
  const size_t n = arguments.positional.size();
  return arguments.positional[subject.loop()->index0 % n];
}

Result<Value> changed_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  Loop& loop = *subject.loop();
  bool changed = !loop.changed_asked || loop.last_changed.size() != arguments.positional.size();
  for (size_t i = 0; !changed && i < arguments.positional.size(); ++i) {
    SAMOVAR_ASSIGN(const bool same, runtime.equal(loop.last_changed[i], arguments.positional[i]));
    changed = !same;
  }
  loop.changed_asked = true;
  loop.last_changed = arguments.positional;
  return Value::boolean(changed);
}

constexpr std::array<NativeEntry, 5> kDictMethods{{
    {"copy", copy_method},
    {"get", get_method},
    {"items", items_method},
    {"keys", keys_method},
    {"values", values_method},
}};

constexpr std::array<NativeEntry, 3> kListMethods{{
    {"copy", copy_method},
    {"count", list_count_method},
    {"index", list_index_method},
}};

constexpr std::array<NativeEntry, 2> kLoopMethods{{
    {"changed", changed_method},
    {"cycle", cycle_method},
}};

}  // namespace

const NativeEntry* find_method(const Value& object, std::string_view name) {
  if (object.dict()) return find_native(kDictMethods, name);
  if (object.loop()) return find_native(kLoopMethods, name);
  if (const List* list = object.list()) {
    const bool plain = list->kind == ListKind::kList || list->kind == ListKind::kTuple;
    return plain ? find_native(kListMethods, name) : nullptr;
  }
  if (!object.string()) return nullptr;
  for (const auto table : {string_methods(), string_search_methods(), string_split_methods()}) {
    if (const NativeEntry* found = find_native(table, name)) return found;
  }
  return nullptr;
}

}  // namespace samovar::chat
