#include "chat/string_format.h"

#include "chat/operators.h"
#include "chat/python_text.h"
#include "chat/utf8.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr int64_t kMaxPrecision = 1024;

// Digits of `magnitude` in the base that the type letter names, with its prefix if asked for.
std::string integer_digits(uint64_t magnitude, const FormatSpec& spec) {
  switch (spec.type) {
    case 'x':
      return fmt::format("{}{:x}", spec.alternate ? "0x" : "", magnitude);
    case 'X':
      return fmt::format("{}{:X}", spec.alternate ? "0X" : "", magnitude);
    case 'o':
      return fmt::format("{}{:o}", spec.alternate ? "0o" : "", magnitude);
    case 'b':
      return fmt::format("{}{:b}", spec.alternate ? "0b" : "", magnitude);
    default:
      return fmt::format("{}", magnitude);
  }
}

std::string real_digits(double magnitude, const FormatSpec& spec) {
  const auto precision = static_cast<int>(spec.precision < 0 ? 6 : spec.precision);
  switch (spec.type) {
    case 'e':
      return fmt::format("{:.{}e}", magnitude, precision);
    case 'E':
      return fmt::format("{:.{}E}", magnitude, precision);
    case 'g':
      return fmt::format("{:.{}g}", magnitude, std::max(precision, 1));
    case 'G':
      return fmt::format("{:.{}G}", magnitude, std::max(precision, 1));
    case '%':
      return fmt::format("{:.{}f}%", magnitude * 100, precision);
    case '\0':
      return spec.precision < 0 ? float_repr(magnitude)
                                : fmt::format("{:.{}g}", magnitude, std::max(precision, 1));
    default:
      return fmt::format("{:.{}f}", magnitude, precision);
  }
}

void group_thousands(std::string& digits) {
  size_t end = 0;
  while (end < digits.size() && digits[end] >= '0' && digits[end] <= '9') ++end;
  for (size_t at = end; at > 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
}

std::string sign_of(bool negative, const FormatSpec& spec) {
  if (negative) return "-";
  return spec.sign == '-' ? "" : std::string(1, spec.sign);
}

bool is_real_type(char type) {
  return type != '\0' && std::string_view("eEfFgG%").find(type) != std::string_view::npos;
}

// `body` behind `sign`, padded to the width.
Result<Text> pad(Runtime& runtime, std::string_view sign, const Text& body, const FormatSpec& spec,
                 char default_align) {
  const auto length = static_cast<int64_t>(sign.size() + utf8::length(body.bytes()));
  const int64_t n_fill = std::max<int64_t>(spec.width - length, 0);
  SAMOVAR_TRY(runtime.check_size(static_cast<size_t>(n_fill)));
  SAMOVAR_TRY(runtime.spend(n_fill));
  const char align = spec.align == '\0' ? default_align : spec.align;
  const int64_t n_before = align == '<' ? 0 : align == '^' ? n_fill / 2 : n_fill;
  std::string fill;
  utf8::append(fill, spec.fill);
  Text out;
  if (align == '=') out.append(sign, Trust::kTrusted);
  for (int64_t i = 0; i < n_before; ++i) out.append(fill, Trust::kTrusted);
  if (align != '=') out.append(sign, Trust::kTrusted);
  out.append(body);
  for (int64_t i = n_before; i < n_fill; ++i) out.append(fill, Trust::kTrusted);
  return out;
}

}  // namespace

Result<Text> format_value(Runtime& runtime, const Value& value, const FormatSpec& spec) {
  if (spec.precision > kMaxPrecision) {
    return too_large(fmt::format("format precision is over {}", kMaxPrecision));
  }
  const bool as_text =
      spec.type == 's' || (spec.type == '\0' && (!value.is_number() || value.is_bool()));
  if (as_text) {
    SAMOVAR_ASSIGN(Text text, to_text(runtime, value));
    if (spec.precision >= 0) {
      text = text.slice(0, utf8::offset_of(text.bytes(), static_cast<size_t>(spec.precision)));
    }
    return pad(runtime, "", text, spec, '<');
  }
  if (!value.is_number()) {
    return runtime_error(
        fmt::format("format '{}' needs a number, found {}", spec.type, value.type_name()));
  }
  std::string digits;
  bool negative = false;
  if (value.is_float() || is_real_type(spec.type)) {
    negative = std::signbit(value.as_real());
    digits = real_digits(std::fabs(value.as_real()), spec);
  } else {
    negative = value.as_integer() < 0;
    const auto bits = static_cast<uint64_t>(value.as_integer());
    digits = integer_digits(negative ? uint64_t{0} - bits : bits, spec);
  }
  if (spec.grouping) group_thousands(digits);
  return pad(runtime, sign_of(negative, spec), Text(std::move(digits), Trust::kTrusted), spec, '>');
}

Text escape_html(const Text& text) {
  return text.mapped([](std::string_view piece) {
    std::string out;
    for (const char c : piece) {
      switch (c) {
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '>':
          out += "&gt;";
          break;
        case '\'':
          out += "&#39;";
          break;
        case '"':
          out += "&#34;";
          break;
        default:
          out += c;
      }
    }
    return out;
  });
}

}  // namespace samovar::chat
