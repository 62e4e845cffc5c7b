#include "net/server_options.h"

#include <arpa/inet.h>

#include <fmt/format.h>

namespace samovar::net {
namespace {

struct ErrorImage {
  int status;
  std::string_view type;
  std::string_view code;  // as JSON
};

ErrorImage image_of(int status) {
  switch (status) {
    case 413:
      return {status, "invalid_request_error", "\"payload_too_large\""};
    case 500:
      return {status, "server_error", "null"};
    case 501:
      return {status, "not_supported_error", "null"};
    case 503:
      return {status, "unavailable_error", "null"};
    default:
      return {status, "invalid_request_error", "null"};
  }
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c < ' ' ? ' ' : c);
  }
  return out;
}

}  // namespace

Status validate_host(std::string_view host) {
  in_addr v4;
  in6_addr v6;
  const std::string text(host.substr(0, host.find('%')));  // "fe80::1%eth0"
  const bool like_v4 = host.find_first_not_of("0123456789.") == std::string_view::npos;
  if (like_v4 && inet_pton(AF_INET, text.c_str(), &v4) != 1) {
    return invalid_argument(fmt::format(
        "{} is no IPv4 address: four numbers of 0 to 255 with dots are expected", host));
  }
  const bool like_v6 = host.find(':') != std::string_view::npos;
  if (like_v6 && inet_pton(AF_INET6, text.c_str(), &v6) != 1) {
    return invalid_argument(fmt::format("{} is no IPv6 address (a port has its own flag)", host));
  }
  return {};
}

Status ServerOptions::validate() const {
  if (hosts.empty()) return invalid_argument("no host to listen on");
  for (const std::string& host : hosts) {
    if (!host.ends_with(".sock")) SAMOVAR_TRY(validate_host(host));
  }
  if (n_io_threads < 1 || n_io_threads > 64) {
    return invalid_argument(fmt::format("HTTP threads: expected 1 to 64, found {}", n_io_threads));
  }
  if (max_connections < 1) return invalid_argument("the connection limit must be at least 1");
  for (const int64_t time : {head_timeout_ms, body_timeout_ms, min_body_bytes_per_s, keep_alive_ms,
                             answer_timeout_ms, write_stall_ms, linger_ms}) {
    if (time <= 0) {
      return invalid_argument(fmt::format("HTTP timeouts must be above 0, found {}", time));
    }
  }
  return {};
}

Response ServerOptions::shape_error(int status, std::string_view path,
                                    std::string_view message) const {
  if (error_response) return error_response(status, path, message);
  const ErrorImage image = image_of(status);
  Response response = Response::json(
      status, fmt::format(R"({{"error":{{"message":"{}","type":"{}","param":null,"code":{}}}}})",
                          escaped(message), image.type, image.code));
  if (status == 503) response.headers.set("Retry-After", "1");
  return response;
}

}  // namespace samovar::net
