#include "cloud/timestamp.h"

#include <ctime>

namespace samovar::cloud {
namespace {

// Takes digits off the front of `text`.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  // The next `n` digits as a number.
  int64_t number(size_t n) {
    int64_t value = 0;
    for (size_t i = 0; i < n; ++i) value = value * 10 + digit();
    return value;
  }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) { ok_ = take(c) && ok_; }
  // Digits behind a point, as microseconds.
  int64_t fraction_us() {
    int64_t us = 0, unit = 100'000;
    do {
      us += digit() * unit;
      unit /= 10;
    } while (ok_ && !text_.empty() && text_.front() >= '0' && text_.front() <= '9');
    return us;
  }
  bool ended_well() const { return ok_ && text_.empty(); }

 private:
  int64_t digit() {
    if (text_.empty() || text_.front() < '0' || text_.front() > '9') {
      ok_ = false;
      return 0;
    }
    const char c = text_.front();
    text_.remove_prefix(1);
    return c - '0';
  }

  std::string_view text_;
  bool ok_ = true;
};

}  // namespace

std::optional<int64_t> parse_rfc3339_us(std::string_view text) {
  Digits digits(text);
  std::tm parts{};
  parts.tm_year = static_cast<int>(digits.number(4)) - 1900;
  digits.expect('-');
  parts.tm_mon = static_cast<int>(digits.number(2)) - 1;
  digits.expect('-');
  parts.tm_mday = static_cast<int>(digits.number(2));
  digits.expect('T');
  parts.tm_hour = static_cast<int>(digits.number(2));
  digits.expect(':');
  parts.tm_min = static_cast<int>(digits.number(2));
  digits.expect(':');
  parts.tm_sec = static_cast<int>(digits.number(2));
  const int64_t us = digits.take('.') ? digits.fraction_us() : 0;
  int64_t zone_s = 0;
  const bool ahead = digits.take('+');
  if (ahead || digits.take('-')) {
    zone_s = digits.number(2) * 3600;
    digits.expect(':');
    zone_s += digits.number(2) * 60;
    if (!ahead) zone_s = -zone_s;
  } else {
    digits.expect('Z');
  }
  if (!digits.ended_well() || parts.tm_mon < 0 || parts.tm_mon > 11 || parts.tm_mday < 1) {
    return std::nullopt;
  }
  return (static_cast<int64_t>(timegm(&parts)) - zone_s) * 1'000'000 + us;
}

}  // namespace samovar::cloud
