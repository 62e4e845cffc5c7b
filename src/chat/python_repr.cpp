#include "chat/arguments.h"
#include "chat/python_text.h"
#include "chat/utf8.h"

#include <cmath>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// Collects one repr. Recursion is bounded by the depth of values (Runtime::make_list, make_dict).
class ReprWriter {
 public:
  explicit ReprWriter(Runtime& runtime) : runtime_(runtime) {}

  Status write(const Value& value);
  Text take() { return {std::move(out_), trust_}; }

 private:
  void write_string(const Text& text);
  Status write_list(const List& list);
  Status write_items(const Values& items);
  Status write_dict(const Dict& dict);

  Runtime& runtime_;
  std::string out_;
  Trust trust_ = Trust::kTrusted;
};

void ReprWriter::write_string(const Text& text) {
  if (text.trust() == Trust::kUntrusted) trust_ = Trust::kUntrusted;
  const std::string& bytes = text.bytes();
  const bool has_single = bytes.find('\'') != std::string::npos;
  const char quote = has_single && bytes.find('"') == std::string::npos ? '"' : '\'';
  out_ += quote;
  for (size_t at = 0; at < bytes.size();) {
    const auto [c, n_bytes] = utf8::decode(bytes, at);
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out_ += '\\';
      out_ += static_cast<char>(c);
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (c == '\r') {
      out_ += "\\r";
    } else if (c == '\t') {
      out_ += "\\t";
    } else if (c == utf8::kInvalid || utf8::is_printable(c)) {
      out_.append(bytes, at, n_bytes);
    } else {
      const auto code = static_cast<uint32_t>(c);
      out_ += code < 0x100     ? fmt::format("\\x{:02x}", code)
              : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                               : fmt::format("\\U{:08x}", code);
    }
    at += n_bytes;
  }
  out_ += quote;
}

Status ReprWriter::write_items(const Values& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out_ += ", ";
    SAMOVAR_TRY(write(items[i]));
  }
  return {};
}

Status ReprWriter::write_list(const List& list) {
  switch (list.kind) {
    case ListKind::kTuple:
      out_ += '(';
      SAMOVAR_TRY(write_items(list.items));
      out_ += list.items.size() == 1 ? ",)" : ")";
      return {};
    case ListKind::kGenerator:
      out_ += "<generator object>";
      return {};
    case ListKind::kRange:
    case ListKind::kView:
    case ListKind::kList:
      out_ += '[';
      SAMOVAR_TRY(write_items(list.items));
      out_ += ']';
      return {};
  }
  return {};
}

Status ReprWriter::write_dict(const Dict& dict) {
  out_ += '{';
  for (size_t i = 0; i < dict.entries.size(); ++i) {
    if (i > 0) out_ += ", ";
    SAMOVAR_TRY(write(dict.entries[i].first));
    out_ += ": ";
    SAMOVAR_TRY(write(dict.entries[i].second));
  }
  out_ += '}';
  return {};
}

Status ReprWriter::write(const Value& value) {
  const size_t size_before = out_.size();
  if (value.is_undefined()) {
    out_ += "Undefined";
  } else if (value.is_none()) {
    out_ += "None";
  } else if (value.is_bool()) {
    out_ += value.truthy() ? "True" : "False";
  } else if (value.is_float()) {
    out_ += float_repr(value.as_real());
  } else if (value.is_integral()) {
    out_ += fmt::format("{}", value.as_integer());
  } else if (value.string()) {
    if (value.string()->markup) out_ += "Markup(";
    write_string(value.text());
    if (value.string()->markup) out_ += ')';
  } else if (const List* list = value.list()) {
    SAMOVAR_TRY(write_list(*list));
  } else if (const Dict* dict = value.dict()) {
    SAMOVAR_TRY(write_dict(*dict));
  } else {
    out_ += fmt::format("<{}>", value.type_name());
  }
  SAMOVAR_TRY(runtime_.check_size(out_.size()));
  const bool is_leaf = !value.list() && !value.dict();
  return runtime_.spend_bytes(is_leaf ? out_.size() - size_before : 0);
}

}  // namespace

std::string float_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::string digits = fmt::format("{}", value);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  return digits;
}

Result<Text> to_repr(Runtime& runtime, const Value& value) {
  ReprWriter writer(runtime);
  SAMOVAR_TRY(writer.write(value));
  return writer.take();
}

Result<Text> to_text(Runtime& runtime, const Value& value) {
  if (value.is_undefined()) return Text();
  if (!value.string()) return to_repr(runtime, value);
  SAMOVAR_TRY(runtime.spend_bytes(value.text().size()));
  return value.text();
}

}  // namespace samovar::chat
