#include "chat/lookup.h"

#include "chat/methods.h"
#include "chat/operators.h"
#include "chat/utf8.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr std::array<std::string_view, 14> kMutators{
    "append",  "extend", "insert",     "remove",  "pop",      "clear",     "sort",
    "reverse", "update", "setdefault", "popitem", "__init__", "__class__", "__dict__"};

Value loop_attribute(const Loop& loop, std::string_view name) {
  const auto n = static_cast<int64_t>(loop.items.size());
  const auto index0 = static_cast<int64_t>(loop.index0);
  if (name == "index") return Value::integer(index0 + 1);
  if (name == "index0") return Value::integer(index0);
  if (name == "revindex") return Value::integer(n - index0);
  if (name == "revindex0") return Value::integer(n - index0 - 1);
  if (name == "first") return Value::boolean(index0 == 0);
  if (name == "last") return Value::boolean(index0 + 1 == n);
  if (name == "length") return Value::integer(n);
  if (name == "depth") return Value::integer(1);
  if (name == "depth0") return Value::integer(0);
  if (name == "previtem" && index0 > 0) return loop.items[loop.index0 - 1];
  if (name == "nextitem" && index0 + 1 < n) return loop.items[loop.index0 + 1];
  return {};
}

// The method, or the reason why there must be none; undefined when there is none.
Result<Value> bind_method(const Value& object, std::string_view name) {
  if (const NativeEntry* method = find_method(object, name)) {
    return make_native_callable(*method, object);
  }
  const bool mutable_type =
      object.dict() || (object.list() && object.list()->kind == ListKind::kList);
  if (mutable_type && std::find(kMutators.begin(), kMutators.end(), name) != kMutators.end()) {
    return runtime_error(
        fmt::format("access to attribute '{}' of '{}' object is unsafe", name, object.type_name()));
  }
  return Value();
}

struct Bounds {
  int64_t start, stop, step;
};

// As Python's slice.indices.
Bounds slice_bounds(const Slice& slice, int64_t length) {
  const int64_t step = slice.step.value_or(1);
  const int64_t low = step > 0 ? 0 : -1;
  const int64_t high = step > 0 ? length : length - 1;
  const auto clamp = [&](int64_t index) {
    return std::clamp(index < 0 ? index + length : index, low, high);
  };
  return {slice.start ? clamp(*slice.start) : (step > 0 ? low : high),
          slice.stop ? clamp(*slice.stop) : (step > 0 ? high : low), step};
}

// Calls take(index) for each index of the slice, in order.
template <class Take>
void walk(const Bounds& bounds, const Take& take) {
  for (int64_t i = bounds.start; bounds.step > 0 ? i < bounds.stop : i > bounds.stop;) {
    take(static_cast<size_t>(i));
    if (__builtin_add_overflow(i, bounds.step, &i)) return;
  }
}

Result<Value> slice_text(Runtime& runtime, const Text& text, const Slice& slice) {
  SAMOVAR_TRY(runtime.spend_bytes(text.size()));
  const auto length = static_cast<int64_t>(utf8::length(text.bytes()));
  const Bounds bounds = slice_bounds(slice, length);
  if (bounds.step == 1) {
    const auto n_skipped = static_cast<size_t>(bounds.start);
    const size_t begin = utf8::offset_of(text.bytes(), n_skipped);
    const auto n_kept = static_cast<size_t>(std::max<int64_t>(bounds.stop - bounds.start, 0));
    const size_t n_bytes = utf8::offset_of(std::string_view(text.bytes()).substr(begin), n_kept);
    return runtime.make_string(text.slice(begin, begin + n_bytes));
  }
  SAMOVAR_TRY(runtime.spend(length));
  std::vector<size_t> offsets;
  for (size_t at = 0; at < text.size(); at += utf8::decode(text.bytes(), at).n_bytes) {
    offsets.push_back(at);
  }
  offsets.push_back(text.size());
  Text part;
  walk(bounds, [&](size_t i) { part.append(text, offsets[i], offsets[i + 1]); });
  return runtime.make_string(std::move(part));
}

Result<Value> character_at(Runtime& runtime, const Text& text, int64_t index) {
  SAMOVAR_TRY(runtime.spend_bytes(text.size()));
  if (index < 0) index += static_cast<int64_t>(utf8::length(text.bytes()));
  if (index < 0) return Value();
  const size_t begin = utf8::offset_of(text.bytes(), static_cast<size_t>(index));
  if (begin == text.size()) return Value();
  return runtime.make_string(text.slice(begin, begin + utf8::decode(text.bytes(), begin).n_bytes));
}

Value list_item(const List& list, int64_t index) {
  const auto length = static_cast<int64_t>(list.items.size());
  if (list.kind == ListKind::kGenerator || list.kind == ListKind::kView) return {};
  if (index < 0) index += length;
  return index >= 0 && index < length ? list.items[static_cast<size_t>(index)] : Value();
}

}  // namespace

Result<Value> get_attribute(Runtime& runtime, const Value& object, const std::string& name) {
  SAMOVAR_TRY(runtime.spend(1));
  if (object.is_undefined()) return undefined_error(object);
  const Value missing(Value::Data(Undefined{&name}));
  if (const Namespace* space = object.name_space()) {
    const auto found = space->attributes.find(name);
    return found == space->attributes.end() ? missing : found->second;
  }
  SAMOVAR_ASSIGN(Value method, bind_method(object, name));
  if (!method.is_undefined()) return method;
  if (const Loop* loop = object.loop()) {
    Value value = loop_attribute(*loop, name);
    return value.is_undefined() ? missing : value;
  }
  if (const Dict* dict = object.dict()) {
    const Value* found = dict->find(std::string_view(name));
    return found ? *found : missing;
  }
  return missing;
}

Result<Value> get_item(Runtime& runtime, const Value& object, const Value& index) {
  SAMOVAR_TRY(runtime.spend(1));
  if (object.is_undefined()) return undefined_error(object);
  if (const Dict* dict = object.dict(); dict && Dict::is_key(index)) {
    if (const Value* found = dict->find(index)) return *found;
  }
  if (object.list() && index.is_integral()) return list_item(*object.list(), index.as_integer());
  if (object.string() && index.is_integral()) {
    return character_at(runtime, object.text(), index.as_integer());
  }
  if (!index.string()) return Value();
  if (const Namespace* space = object.name_space()) {
    const auto found = space->attributes.find(index.bytes());
    return found == space->attributes.end() ? Value() : found->second;
  }
  if (const Loop* loop = object.loop()) return loop_attribute(*loop, index.bytes());
  return bind_method(object, index.bytes());
}

Result<Value> get_slice(Runtime& runtime, const Value& object, const Slice& slice) {
  if (object.is_undefined()) return undefined_error(object);
  if (slice.step == 0) return runtime_error("slice step cannot be zero");
  if (object.string()) return slice_text(runtime, object.text(), slice);
  const List* list = object.list();
  if (!list || list->kind == ListKind::kGenerator || list->kind == ListKind::kView) {
    return runtime_error(fmt::format("'{}' object cannot be sliced", object.type_name()));
  }
  const Bounds bounds = slice_bounds(slice, static_cast<int64_t>(list->items.size()));
  Values items;
  walk(bounds, [&](size_t i) { items.push_back(list->items[i]); });
  return runtime.make_list(std::move(items), list->kind);
}

}  // namespace samovar::chat
