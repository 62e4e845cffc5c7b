#include "json/json.h"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace samovar::json {
namespace {

// What the library says, without its own name and the position, which it gives twice.
std::string_view reason(const Value::parse_error& error) {
  constexpr std::string_view kBegin = "syntax error ";
  const std::string_view said = error.what();
  const size_t at = said.find(kBegin);
  return at == std::string_view::npos ? said : said.substr(at + kBegin.size());
}

// Makes the value while the library reads the text, and holds it to the limits: a breach ends the
// reading. (The library's own builder with a callback goes over a whole array after each object in
// it, so 200,000 empty objects take minutes.)
class Builder final : public nlohmann::json_sax<Value> {
 public:
  explicit Builder(const Limits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t& /*text*/) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }
  bool start_object(size_t /*n*/) override { return open(Value::object()); }
  bool start_array(size_t /*n*/) override { return open(Value::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (++open_.back().n_keys > limits_.max_keys) {
      return breach(fmt::format("a JSON object has more than {} keys", limits_.max_keys));
    }
    place_ = &open_.back().value->get_ref<Value::object_t&>()[name];
    return true;
  }
  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const Value::exception& error) override {
    const auto* syntax = dynamic_cast<const Value::parse_error*>(&error);
    problem_ = invalid_argument(syntax != nullptr ? fmt::format("JSON syntax error at byte {}: {}",
                                                                syntax->byte, reason(*syntax))
                                                  : fmt::format("JSON error: {}", error.what()));
    return false;
  }

  Result<Value> take() {
    if (!problem_.ok()) return problem_;
    return std::move(root_);
  }

 private:
  struct Open {
    Value* value;  // stays where it is: nothing is added beside it before it is closed
    size_t n_keys;
  };

  bool breach(const std::string& what) {
    problem_ = too_large(what);
    return false;
  }
  bool add(Value value) {
    if (++n_values_ > limits_.max_values) {
      return breach(fmt::format("JSON has more than {} values", limits_.max_values));
    }
    if (!open_.empty() && open_.back().value->is_array()) {
      auto& elements = open_.back().value->get_ref<Value::array_t&>();
      elements.push_back(nullptr);
      place_ = &elements.back();
    }
    *place_ = std::move(value);
    return true;
  }
  bool open(Value empty) {
    if (open_.size() >= static_cast<size_t>(limits_.max_depth)) {
      return breach(fmt::format("JSON nests deeper than {} levels", limits_.max_depth));
    }
    if (!add(std::move(empty))) return false;
    open_.push_back({place_, 0});
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const Limits& limits_;
  Value root_;
  Value* place_ = &root_;  // of the next value, outside arrays
  std::vector<Open> open_;
  size_t n_values_ = 0;
  Status problem_;
};

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    return too_large(
        fmt::format("JSON text has {} bytes, the limit is {}", text.size(), limits.max_bytes));
  }
  Builder builder(limits);
  Value::sax_parse(text.begin(), text.end(), &builder);
  return builder.take();
}

std::string dump(const Value& value) {
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string_view type_name(const Value& value) {
  return value.type_name();
}

}  // namespace samovar::json
