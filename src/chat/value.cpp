#include "chat/value.h"

#include <algorithm>

namespace samovar::chat {
namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overload(Fs...) -> Overload<Fs...>;

std::string_view list_type_name(ListKind kind) {
  switch (kind) {
    case ListKind::kList:
      return "list";
    case ListKind::kTuple:
      return "tuple";
    case ListKind::kRange:
      return "range";
    case ListKind::kView:
      return "dict view";
    case ListKind::kGenerator:
      return "generator";
  }
  return "list";
}

}  // namespace

Value Value::string(Text text) {
  return Value(Data(std::make_shared<const String>(String{std::move(text), false})));
}

int64_t Value::as_integer() const {
  if (const bool* b = std::get_if<bool>(&data_)) return *b ? 1 : 0;
  return std::get<int64_t>(data_);
}

double Value::as_real() const {
  if (const double* d = std::get_if<double>(&data_)) return *d;
  return static_cast<double>(as_integer());
}

bool Value::truthy() const {
  return std::visit(
      Overload{[](Undefined) { return false; }, [](None) { return false; },
               [](bool b) { return b; }, [](int64_t i) { return i != 0; },
               [](double d) { return d != 0; },
               [](const std::shared_ptr<const String>& s) { return !s->text.empty(); },
               [](const std::shared_ptr<List>& l) {
                 return l->kind == ListKind::kGenerator || !l->items.empty();
               },
               [](const std::shared_ptr<const Dict>& d) { return !d->entries.empty(); },
               [](const auto&) { return true; }},
      data_);
}

std::string_view Value::type_name() const {
  using Name = std::string_view;
  return std::visit(
      Overload{[](Undefined) -> Name { return "Undefined"; },
               [](None) -> Name { return "NoneType"; }, [](bool) -> Name { return "bool"; },
               [](int64_t) -> Name { return "int"; }, [](double) -> Name { return "float"; },
               [](const std::shared_ptr<const String>&) -> Name { return "str"; },
               [](const std::shared_ptr<List>& l) { return list_type_name(l->kind); },
               [](const std::shared_ptr<const Dict>&) -> Name { return "dict"; },
               [](Namespace*) -> Name { return "Namespace"; },
               [](const std::shared_ptr<Loop>&) -> Name { return "LoopContext"; },
               [](const std::shared_ptr<const Callable>&) -> Name { return "function"; }},
      data_);
}

int Value::depth() const {
  if (const List* l = list()) return l->depth;
  if (const Dict* d = dict()) return d->depth;
  return 0;
}

bool scalar_equal(const Value& a, const Value& b) {
  if (a.string() && b.string()) return a.string() == b.string() || a.bytes() == b.bytes();
  if (a.is_integral() && b.is_integral()) return a.as_integer() == b.as_integer();
  if (a.is_number() && b.is_number()) return a.as_real() == b.as_real();
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

bool Dict::is_key(const Value& key) {
  return key.string() || key.is_number() || key.is_none();
}

const Value* Dict::find(std::string_view key) const {
  const auto found = by_text.find(key);
  return found == by_text.end() ? nullptr : &entries[found->second].second;
}

std::optional<size_t> Dict::index_of(const Value& key) const {
  if (key.string()) {
    const auto found = by_text.find(key.bytes());
    return found == by_text.end() ? std::nullopt : std::optional(found->second);
  }
  const auto found = std::find_if(other_keys.begin(), other_keys.end(),
                                  [&](size_t i) { return scalar_equal(entries[i].first, key); });
  return found == other_keys.end() ? std::nullopt : std::optional(*found);
}

const Value* Dict::find(const Value& key) const {
  const auto index = index_of(key);
  return index ? &entries[*index].second : nullptr;
}

void Dict::set(const Value& key, Value value) {
  if (const auto index = index_of(key)) {
    entries[*index].second = std::move(value);
    return;
  }
  if (key.string()) {
    by_text.emplace(key.bytes(), entries.size());
  } else {
    other_keys.push_back(entries.size());
  }
  entries.emplace_back(key, std::move(value));
}

}  // namespace samovar::chat
