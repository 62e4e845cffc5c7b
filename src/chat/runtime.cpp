#include "chat/runtime.h"

#include "chat/utf8.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {

Status Runtime::spend(int64_t steps) {
  if (steps > steps_left_) {
    steps_left_ = 0;
    return too_large(fmt::format("chat template needs more than {} steps", limits_.max_steps));
  }
  steps_left_ -= steps;
  return {};
}

Status Runtime::check_size(size_t n_bytes) const {
  if (n_bytes <= limits_.max_output_bytes) return {};
  return too_large(
      fmt::format("chat template makes a text over {} bytes", limits_.max_output_bytes));
}

Status Runtime::check_depth(int depth) const {
  if (depth <= limits_.max_depth) return {};
  return too_large(fmt::format("chat template nests values over {} deep", limits_.max_depth));
}

Result<Value> Runtime::make_string(Text text) {
  SAMOVAR_TRY(check_size(text.size()));
  SAMOVAR_TRY(spend_bytes(text.size()));
  return Value::string(std::move(text));
}

Result<Value> Runtime::make_markup(Text text) {
  SAMOVAR_TRY(check_size(text.size()));
  SAMOVAR_TRY(spend_bytes(text.size()));
  return Value(Value::Data(std::make_shared<const String>(String{std::move(text), true})));
}

Result<Value> Runtime::make_list(Values items, ListKind kind) {
  SAMOVAR_TRY(spend(kStepsPerItem * static_cast<int64_t>(items.size())));
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  SAMOVAR_TRY(check_depth(depth + 1));
  return Value(Value::Data(std::make_shared<List>(List{kind, std::move(items), depth + 1})));
}

Result<Value> Runtime::make_dict(Dict dict) {
  SAMOVAR_TRY(spend(kStepsPerItem * static_cast<int64_t>(dict.entries.size())));
  int depth = 0;
  for (const auto& [key, value] : dict.entries) depth = std::max(depth, value.depth());
  SAMOVAR_TRY(check_depth(depth + 1));
  dict.depth = depth + 1;
  return Value(Value::Data(std::make_shared<const Dict>(std::move(dict))));
}

Value Runtime::make_namespace(Namespace attributes) {
  namespaces_.push_back(std::make_unique<Namespace>(std::move(attributes)));
  return Value(Value::Data(namespaces_.back().get()));
}

Result<Values> Runtime::iterate(const Value& value) {
  Values items;
  if (value.is_undefined()) return items;
  if (List* list = value.list()) {
    SAMOVAR_TRY(spend(static_cast<int64_t>(list->items.size())));
    if (list->kind == ListKind::kGenerator) return std::exchange(list->items, {});
    return list->items;
  }
  if (const Dict* dict = value.dict()) {
    SAMOVAR_TRY(spend(static_cast<int64_t>(dict->entries.size())));
    for (const auto& entry : dict->entries) items.push_back(entry.first);
    return items;
  }
  if (value.string()) {
    SAMOVAR_TRY(spend(kStepsPerString * static_cast<int64_t>(utf8::length(value.bytes()))));
    for (size_t at = 0; at < value.text().size();) {
      const size_t end = at + utf8::decode(value.bytes(), at).n_bytes;
      items.push_back(Value::string(value.text().slice(at, end)));
      at = end;
    }
    return items;
  }
  return runtime_error(fmt::format("'{}' object is not iterable", value.type_name()));
}

Result<bool> Runtime::equal_lists(const List& a, const List& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  for (size_t i = 0; i < a.items.size(); ++i) {
    SAMOVAR_ASSIGN(const bool same, equal(a.items[i], b.items[i]));
    if (!same) return false;
  }
  return true;
}

Result<bool> Runtime::equal_dicts(const Dict& a, const Dict& b) {
  if (&a == &b) return true;
  if (a.entries.size() != b.entries.size()) return false;
  for (const auto& [key, value] : a.entries) {
    const Value* other = b.find(key);
    if (!other) return false;
    SAMOVAR_ASSIGN(const bool same, equal(value, *other));
    if (!same) return false;
  }
  return true;
}

Result<bool> Runtime::equal(const Value& a, const Value& b) {
  if (a.string() && b.string()) {
    SAMOVAR_TRY(spend_bytes(a.text().size() == b.text().size() ? a.text().size() : 0));
  } else {
    SAMOVAR_TRY(spend(1));
  }
  if (a.list() && b.list()) return equal_lists(*a.list(), *b.list());
  if (a.dict() && b.dict()) return equal_dicts(*a.dict(), *b.dict());
  if (a.name_space()) return a.name_space() == b.name_space();
  if (a.loop()) return a.loop() == b.loop();
  if (a.callable()) return a.callable() == b.callable();
  return scalar_equal(a, b);
}

}  // namespace samovar::chat
