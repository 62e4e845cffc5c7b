#include "net/response_head.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>

#include <fmt/format.h>

namespace samovar::net {
namespace {

constexpr std::array<std::string_view, 6> kServersOwn = {
    "Connection", "Content-Length", "Date", "Server", "Transfer-Encoding", "X-Request-Id"};

bool is_servers_own(std::string_view name) {
  return std::any_of(kServersOwn.begin(), kServersOwn.end(),
                     [&](std::string_view own) { return equals_ignoring_case(own, name); });
}

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) out.push_back(c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
}

}  // namespace

std::string http_date(int64_t unix_us) {
  static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                       "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = unix_us / 1'000'000;
  struct tm utc = {};
  gmtime_r(&seconds, &utc);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     kDays.at(static_cast<size_t>(utc.tm_wday)), utc.tm_mday,
                     kMonths.at(static_cast<size_t>(utc.tm_mon)), 1900 + utc.tm_year, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

std::string response_head(int status, const Headers& headers, const HeadFacts& facts) {
  std::string head;
  auto out = std::back_inserter(head);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nServer: samovar/{}\r\nDate: {}\r\n", status,
                 reason_phrase(status), SAMOVAR_VERSION, http_date(facts.unix_us));
  for (const Header& field : headers) {
    if (is_servers_own(field.name)) continue;
    append_clean(head, field.name);
    head += ": ";
    append_clean(head, field.value);
    head += "\r\n";
  }
  if (!facts.request_id.empty()) fmt::format_to(out, "X-Request-Id: {}\r\n", facts.request_id);
  if (facts.content_bytes) fmt::format_to(out, "Content-Length: {}\r\n", *facts.content_bytes);
  if (facts.chunked) head += "Transfer-Encoding: chunked\r\n";
  if (!facts.keep_alive) head += "Connection: close\r\n";
  if (facts.keep_alive && facts.minor_version == 0) head += "Connection: keep-alive\r\n";
  head += "\r\n";
  return head;
}

std::string chunk(std::string_view bytes) {
  if (bytes.empty()) return {};
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace samovar::net
