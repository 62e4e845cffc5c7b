#include "base/checked.h"
#include "chat/lookup.h"
#include "chat/operators.h"
#include "chat/python_text.h"
#include "chat/string_format.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// Walks a "%..." pattern and takes arguments as it goes.
class PercentFormatter {
 public:
  PercentFormatter(Runtime& runtime, const Text& pattern, const Value& arguments)
      : runtime_(runtime), pattern_(pattern), bytes_(pattern.bytes()), arguments_(arguments) {}
  Result<Text> run();

 private:
  char peek() const { return at_ < bytes_.size() ? bytes_[at_] : '\0'; }
  Status format_field();
  Status read_key(Value& argument);
  void read_flags(FormatSpec& spec);
  Result<int64_t> read_number();
  Result<Value> next_argument();

  Runtime& runtime_;
  const Text& pattern_;
  std::string_view bytes_;
  const Value& arguments_;
  size_t at_ = 0;
  size_t n_taken_ = 0;
  bool by_key_ = false;
  Text out_;
};

Result<Value> PercentFormatter::next_argument() {
  const List* tuple = arguments_.list();
  const bool is_tuple = tuple && tuple->kind == ListKind::kTuple;
  const size_t n_arguments = is_tuple ? tuple->items.size() : 1;
  if (n_taken_ >= n_arguments) return runtime_error("not enough arguments for format string");
  const Value& argument = is_tuple ? tuple->items[n_taken_] : arguments_;
  ++n_taken_;
  return argument;
}

// "(name)" behind the percent sign.
Status PercentFormatter::read_key(Value& argument) {
  const size_t close = bytes_.find(')', at_);
  if (close == std::string_view::npos) return runtime_error("incomplete format key");
  const Value key = Value::literal(bytes_.substr(at_ + 1, close - at_ - 1));
  const Value* found = arguments_.dict() ? arguments_.dict()->find(key) : nullptr;
  if (!found) return runtime_error(fmt::format("format key '{}' is not given", key.bytes()));
  argument = *found;
  at_ = close + 1;
  by_key_ = true;
  return {};
}

void PercentFormatter::read_flags(FormatSpec& spec) {
  for (;; ++at_) {
    const char c = peek();
    if (c == '-') {
      spec.align = '<';
    } else if (c == '+' || (c == ' ' && spec.sign == '-')) {
      spec.sign = c;
    } else if (c == '#') {
      spec.alternate = true;
    } else if (c == '0') {
      spec.fill = U'0';
    } else if (c != ' ') {
      return;
    }
  }
}

Result<int64_t> PercentFormatter::read_number() {
  if (peek() == '*') {
    ++at_;
    SAMOVAR_ASSIGN(const Value number, next_argument());
    return integer_or(number, "*", 0);
  }
  int64_t number = 0;
  for (; peek() >= '0' && peek() <= '9'; ++at_) {
    if (number > (int64_t{1} << 40)) return too_large("format width has too many digits");
    number = number * 10 + (peek() - '0');
  }
  return number;
}

Status PercentFormatter::format_field() {
  Value argument;
  FormatSpec spec;
  if (peek() == '(') SAMOVAR_TRY(read_key(argument));
  const bool has_key = by_key_;
  read_flags(spec);
  SAMOVAR_ASSIGN(spec.width, read_number());
  if (peek() == '.') {
    ++at_;
    SAMOVAR_ASSIGN(spec.precision, read_number());
  }
  const char type = peek();
  ++at_;
  if (type == '%') {
    out_.append("%", Trust::kTrusted);
    return {};
  }
  if (type == '\0' || std::string_view("srdiufFeEgGxXo").find(type) == std::string_view::npos) {
    return runtime_error(fmt::format("unsupported format character '{}'", type));
  }
  if (!has_key) {
    SAMOVAR_ASSIGN(argument, next_argument());
  }
  if (argument.is_undefined() && type != 's') return undefined_error(argument);
  const bool integral = std::string_view("diuxXo").find(type) != std::string_view::npos;
  if (integral && argument.is_float())
    argument = Value::integer(static_cast<int64_t>(argument.as_real()));
  spec.type = type == 'i' || type == 'u' ? 'd' : type;
  if (type == 'r') {
    SAMOVAR_ASSIGN(Text repr, to_repr(runtime_, argument));
    argument = Value::string(std::move(repr));
    spec.type = 's';
  }
  if (spec.type == 's') {
    spec.fill = U' ';
    if (spec.align == '\0') spec.align = '>';
  } else if (spec.fill == U'0') {
    spec.align = spec.align == '<' ? '<' : '=';
    if (spec.align == '<') spec.fill = U' ';
  }
  SAMOVAR_ASSIGN(const Text field, format_value(runtime_, argument, spec));
  out_.append(field);
  return {};
}

Result<Text> PercentFormatter::run() {
  while (at_ < bytes_.size()) {
    const size_t percent = std::min(bytes_.find('%', at_), bytes_.size());
    out_.append(pattern_, at_, percent);
    at_ = percent + 1;
    if (percent < bytes_.size()) SAMOVAR_TRY(format_field());
    SAMOVAR_TRY(runtime_.check_size(out_.size()));
  }
  const List* tuple = arguments_.list();
  const bool is_tuple = tuple && tuple->kind == ListKind::kTuple;
  const bool all_taken = is_tuple ? n_taken_ == tuple->items.size() : n_taken_ == 1;
  if (!by_key_ && !all_taken && !arguments_.dict()) {
    return runtime_error("not all arguments converted during string formatting");
  }
  return std::move(out_);
}

}  // namespace

Result<Value> percent_format(Runtime& runtime, const Text& pattern, const Value& arguments) {
  SAMOVAR_ASSIGN(Text text, PercentFormatter(runtime, pattern, arguments).run());
  return runtime.make_string(std::move(text));
}

}  // namespace samovar::chat
