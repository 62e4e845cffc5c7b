#include "chat/python_text.h"
#include "chat/utf8.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

Status refuse(const Value& value) {
  return runtime_error(
      fmt::format("Object of type {} is not JSON serializable", value.type_name()));
}

// Collects one JSON text. Recursion is bounded by the depth of values.
class JsonWriter {
 public:
  JsonWriter(Runtime& runtime, const JsonStyle& style) : runtime_(runtime), style_(style) {}

  Status write(const Value& value);
  Text take() { return {std::move(out_), trust_}; }

 private:
  void write_string(const Text& text);
  void write_escape(char32_t c);
  Status write_key(const Value& key);
  Status write_list(const List& list);
  Status write_dict(const Dict& dict);
  Status new_line();
  Status separate(size_t i);

  Runtime& runtime_;
  const JsonStyle& style_;
  std::string out_;
  Trust trust_ = Trust::kTrusted;
  size_t level_ = 0;
};

void JsonWriter::write_escape(char32_t c) {
  const auto code = static_cast<uint32_t>(c);
  if (code < 0x10000) {
    out_ += fmt::format("\\u{:04x}", code);
  } else {
    out_ += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10),
                        0xDC00 + ((code - 0x10000) & 0x3FF));
  }
}

void JsonWriter::write_string(const Text& text) {
  if (text.trust() == Trust::kUntrusted) trust_ = Trust::kUntrusted;
  constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
  constexpr std::string_view kEscapes = "\"\\nrtfb";
  const std::string& bytes = text.bytes();
  out_ += '"';
  for (size_t at = 0; at < bytes.size();) {
    const auto [c, n_bytes] = utf8::decode(bytes, at);
    const size_t found = n_bytes == 1 ? kShort.find(bytes[at]) : std::string_view::npos;
    if (found != std::string_view::npos) {
      out_ += '\\';
      out_ += kEscapes[found];
    } else if (c < 0x20 || (style_.ascii_only && c > 0x7E && c != utf8::kInvalid)) {
      write_escape(c);
    } else {
      out_.append(bytes, at, n_bytes);
    }
    at += n_bytes;
  }
  out_ += '"';
}

Status JsonWriter::new_line() {
  if (!style_.indent) return {};
  SAMOVAR_TRY(runtime_.check_size(level_ * style_.indent->size()));
  SAMOVAR_TRY(runtime_.spend_bytes(level_ * style_.indent->size()));
  out_ += '\n';
  for (size_t i = 0; i < level_; ++i) out_ += *style_.indent;
  return runtime_.check_size(out_.size());
}

Status JsonWriter::separate(size_t i) {
  if (i > 0) out_ += style_.item_separator;
  return new_line();
}

Status JsonWriter::write_key(const Value& key) {
  if (key.string()) {
    write_string(key.text());
    return {};
  }
  out_ += '"';
  SAMOVAR_TRY(write(key));
  out_ += '"';
  return {};
}

Status JsonWriter::write_list(const List& list) {
  out_ += '[';
  ++level_;
  for (size_t i = 0; i < list.items.size(); ++i) {
    SAMOVAR_TRY(separate(i));
    SAMOVAR_TRY(write(list.items[i]));
  }
  --level_;
  if (!list.items.empty()) SAMOVAR_TRY(new_line());
  out_ += ']';
  return {};
}

Status JsonWriter::write_dict(const Dict& dict) {
  std::vector<const std::pair<Value, Value>*> entries;
  for (const auto& entry : dict.entries) entries.push_back(&entry);
  if (style_.sort_keys) {
    if (!dict.other_keys.empty()) return runtime_error("tojson: keys to sort are not all strings");
    std::sort(entries.begin(), entries.end(),
              [](const auto* a, const auto* b) { return a->first.bytes() < b->first.bytes(); });
  }
  out_ += '{';
  ++level_;
  for (size_t i = 0; i < entries.size(); ++i) {
    SAMOVAR_TRY(separate(i));
    SAMOVAR_TRY(write_key(entries[i]->first));
    out_ += style_.key_separator;
    SAMOVAR_TRY(write(entries[i]->second));
  }
  --level_;
  if (!entries.empty()) SAMOVAR_TRY(new_line());
  out_ += '}';
  return {};
}

Status JsonWriter::write(const Value& value) {
  SAMOVAR_TRY(runtime_.spend(1));
  if (const List* list = value.list()) {
    const bool plain = list->kind == ListKind::kList || list->kind == ListKind::kTuple;
    return plain ? write_list(*list) : refuse(value);
  }
  if (const Dict* dict = value.dict()) return write_dict(*dict);
  if (value.is_none()) {
    out_ += "null";
  } else if (value.is_bool()) {
    out_ += value.truthy() ? "true" : "false";
  } else if (value.is_float()) {
    const double d = value.as_real();
    out_ += std::isnan(d)   ? "NaN"
            : std::isinf(d) ? (d > 0 ? "Infinity" : "-Infinity")
                            : float_repr(d);
  } else if (value.is_integral()) {
    out_ += fmt::format("{}", value.as_integer());
  } else if (value.string()) {
    SAMOVAR_TRY(runtime_.spend_bytes(value.text().size()));
    write_string(value.text());
  } else {
    return refuse(value);
  }
  return runtime_.check_size(out_.size());
}

}  // namespace

Result<Text> to_json(Runtime& runtime, const Value& value, const JsonStyle& style) {
  JsonWriter writer(runtime, style);
  SAMOVAR_TRY(writer.write(value));
  return writer.take();
}

}  // namespace samovar::chat
