// Value: what a template computes with, after Python's types, plus the containers it refers to.
//
// Containers are immutable once made, apart from Namespace, Loop and a generator's items, and are
// made through Runtime, which bounds their size and depth. Namespaces are owned by the Runtime and
// referred to by plain pointers, so that values form no ownership cycle. Thread: one render.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/text.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace samovar::chat {

struct Callable;
struct Dict;
struct List;
struct Loop;
struct Namespace;

// The value of a name, attribute or item that does not exist. BORROWS the name from the Program.
struct Undefined {
  const std::string* name = nullptr;
};
struct None {};

struct String {
  Text text;
  bool markup =
      false;  // by |safe or |escape: `+` then escapes its other operand, as markupsafe does
};

class Value {
 public:
  using Data = std::variant<Undefined, None, bool, int64_t, double, std::shared_ptr<const String>,
                            std::shared_ptr<List>, std::shared_ptr<const Dict>, Namespace*,
                            std::shared_ptr<Loop>, std::shared_ptr<const Callable>>;

  Value() = default;  // undefined, nameless
  explicit Value(Data data) : data_(std::move(data)) {}
  static Value none() { return Value(Data(None{})); }
  static Value boolean(bool b) { return Value(Data(b)); }
  static Value integer(int64_t i) { return Value(Data(i)); }
  static Value real(double d) { return Value(Data(d)); }
  // Unbounded: for texts that are bounded already; computed ones go through Runtime::make_string.
  static Value string(Text text);
  static Value literal(std::string_view bytes) {
    return string(Text(std::string(bytes), Trust::kTrusted));
  }

  const Data& data() const { return data_; }
  bool is_undefined() const { return std::holds_alternative<Undefined>(data_); }
  bool is_none() const { return std::holds_alternative<None>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_number() const { return is_integral() || is_float(); }
  // int or bool, which Python counts as one.
  bool is_integral() const { return is_bool() || std::holds_alternative<int64_t>(data_); }

  // The alternative, or null. Valid while this Value lives.
  const String* string() const { return pointer<std::shared_ptr<const String>>(); }
  List* list() const { return pointer<std::shared_ptr<List>>(); }
  const Dict* dict() const { return pointer<std::shared_ptr<const Dict>>(); }
  Loop* loop() const { return pointer<std::shared_ptr<Loop>>(); }
  const Callable* callable() const { return pointer<std::shared_ptr<const Callable>>(); }
  Namespace* name_space() const {
    const auto* found = std::get_if<Namespace*>(&data_);
    return found ? *found : nullptr;
  }
  // REQUIRES: string().
  const Text& text() const { return string()->text; }
  const std::string& bytes() const { return text().bytes(); }
  // REQUIRES: is_integral() / is_number().
  int64_t as_integer() const;
  double as_real() const;

  bool truthy() const;
  // "str", "NoneType", "list", ...: Python's name, for messages.
  std::string_view type_name() const;
  // How deep containers nest: 0 for plain values.
  int depth() const;

 private:
  template <class Pointer>
  typename Pointer::element_type* pointer() const {
    const auto* found = std::get_if<Pointer>(&data_);
    return found ? found->get() : nullptr;
  }
  Data data_;
};

using Values = std::vector<Value>;

enum class ListKind : uint8_t {
  kList,
  kTuple,
  kRange,
  kView,       // dict.keys(), dict.values(), dict.items(): has a length, but no items by index
  kGenerator,  // of map, select, ...: is spent by the first walk over it
};

struct List {
  ListKind kind = ListKind::kList;
  Values items;
  int depth = 1;
};

struct Dict {
  std::vector<std::pair<Value, Value>> entries;  // in the order of insertion
  std::map<std::string, size_t, std::less<>> by_text;
  std::vector<size_t> other_keys;  // entries whose key is a number, a bool or None
  int depth = 1;

  const Value* find(std::string_view key) const;
  // REQUIRES: is_key(key).
  const Value* find(const Value& key) const;
  // Adds, or replaces the value under an equal key. REQUIRES: is_key(key).
  void set(const Value& key, Value value);
  static bool is_key(const Value& key);

 private:
  std::optional<size_t> index_of(const Value& key) const;
};

struct Namespace {
  std::map<std::string, Value, std::less<>> attributes;
};

// The `loop` variable of a running for.
struct Loop {
  Values items;
  size_t index0 = 0;
  int depth0 = 0;
  bool changed_asked = false;
  Values last_changed;  // arguments of the last loop.changed()
};

// Python's == for strings, numbers, bools, None and Undefined; false for everything else.
bool scalar_equal(const Value& a, const Value& b);

}  // namespace samovar::chat
