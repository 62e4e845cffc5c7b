#include "api/rfc3339.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

namespace samovar::api {

std::string rfc3339(int64_t unix_us) {
  constexpr int64_t kFirst = -62'135'596'800, kLast = 253'402'300'799;  // seconds
  int64_t seconds = unix_us / 1'000'000, us = unix_us % 1'000'000;
  if (us < 0) {
    us += 1'000'000;
    --seconds;
  }
  const auto time = static_cast<std::time_t>(std::clamp(seconds, kFirst, kLast));
  std::tm parts{};
  gmtime_r(&time, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     us);
}

}  // namespace samovar::api
