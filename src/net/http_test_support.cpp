#include "net/http_test_support.h"

#include "base/check.h"

#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace samovar::net {
namespace {

size_t number_after(std::string_view head, std::string_view name) {
  const size_t at = head.find(name);
  if (at == std::string_view::npos) return 0;
  size_t number = 0;
  std::from_chars(head.data() + at + name.size(), head.data() + head.size(), number);
  return number;
}

}  // namespace

bool RawAnswer::has(std::string_view line) const {
  return head.find(fmt::format("\r\n{}\r\n", line)) != std::string::npos;
}

RawPeer::RawPeer(uint16_t port, int family) : fd_(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage address = {};
  address.ss_family = static_cast<sa_family_t>(family);
  socklen_t length = sizeof(sockaddr_in);
  if (family == AF_INET6) {
    const sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                             .sin6_port = htons(port),
                             .sin6_flowinfo = 0,
                             .sin6_addr = in6addr_loopback,
                             .sin6_scope_id = 0};
    std::memcpy(&address, &v6, sizeof v6);
    length = sizeof v6;
  } else {
    sockaddr_in v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::memcpy(&address, &v4, sizeof v4);
  }
  connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), length) == 0;
}

RawPeer::RawPeer(const std::string& unix_path)
    : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  unix_path.copy(address.sun_path, sizeof address.sun_path - 1);
  connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

RawPeer::~RawPeer() {
  close(fd_);
}

bool RawPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n_sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n_sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n_sent));
  }
  return true;
}

void RawPeer::finish() {
  shutdown(fd_, SHUT_WR);
}

void RawPeer::reset() {
  const linger hard = {.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  close(std::exchange(fd_, -1));
}

bool RawPeer::fill(int timeout_ms) {
  pollfd readable = {.fd = fd_, .events = POLLIN, .revents = 0};
  if (ended_ || poll(&readable, 1, timeout_ms) <= 0) return false;
  std::array<char, 65536> bytes;
  const ssize_t n_read = recv(fd_, bytes.data(), bytes.size(), 0);
  cut_ = n_read < 0;
  ended_ = n_read <= 0;
  if (!ended_) received_.append(bytes.data(), static_cast<size_t>(n_read));
  return !ended_;
}

std::string RawPeer::take(size_t n_bytes) {
  while (received_.size() < n_bytes && fill()) {
  }
  std::string taken = received_.substr(0, n_bytes);
  received_.erase(0, taken.size());
  return taken;
}

std::string RawPeer::read_until(std::string_view end) {
  size_t at = 0;
  while ((at = received_.find(end)) == std::string::npos) {
    if (!fill()) return std::exchange(received_, {});
  }
  return take(at + end.size());
}

std::string RawPeer::chunked_body(bool& whole) {
  std::string body;
  while (true) {
    const std::string line = read_until("\r\n");
    size_t n_bytes = 0;
    std::from_chars(line.data(), line.data() + line.size(), n_bytes, 16);
    if (!line.ends_with("\r\n")) return body;
    const std::string bytes = take(n_bytes + 2);
    if (bytes.size() < n_bytes + 2) return body + bytes;
    if (n_bytes == 0) break;
    body.append(bytes, 0, n_bytes);
  }
  whole = true;
  return body;
}

RawAnswer RawPeer::answer(std::string_view method) {
  RawAnswer answer;
  answer.head = read_until("\r\n\r\n");
  if (!answer.head.ends_with("\r\n\r\n")) return answer;
  answer.status = static_cast<int>(number_after(answer.head, "HTTP/1.1 "));
  const size_t length = number_after(answer.head, "\r\nContent-Length: ");
  if (method == "HEAD" || answer.status == 204 || answer.status / 100 == 1) {
    answer.whole = true;
  } else if (answer.has("Transfer-Encoding: chunked")) {
    answer.body = chunked_body(answer.whole);
  } else {
    answer.body = take(length);
    answer.whole = answer.body.size() == length;
  }
  return answer;
}

std::string RawPeer::read_to_end(bool* cut) {
  while (fill()) {
  }
  if (cut != nullptr) *cut = cut_;
  return std::exchange(received_, {});
}

bool RawPeer::ended_within(int ms) {
  while (fill(ms)) {
  }
  return ended_;
}

void echo(Request request, const Responder& responder) {
  responder.send(
      Response::text(200, request.method_text + " " + request.path + " " + request.body));
}

TestServer::TestServer(Handler handler, ServerOptions options) {
  options.port = 0;
  options.on_access = [this](const AccessRecord& access) {
    log_.send(fmt::format("{} {} {}", method_name(access.method), access.path, access.status));
  };
  auto server = HttpServer::listen(std::move(options), std::move(handler));
  SAMOVAR_CHECK(server.ok());
  server_ = *std::move(server);
  server_->start();
}

std::string TestServer::url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port(), path);
}

void TestServer::wait_until_empty() {
  Mailbox<bool> empty;
  std::function<void()> look = [&] {
    if (server_->n_connections() == 0) {
      empty.send(true);
    } else {
      server_->after(10, look);
    }
  };
  server_->post(look);
  empty.receive();
}

std::string get(std::string_view path, std::string_view more_headers) {
  return fmt::format("GET {} HTTP/1.1\r\nHost: h\r\n{}\r\n", path, more_headers);
}

std::string post(std::string_view path, std::string_view body, std::string_view more_headers) {
  return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n{}\r\n{}", path,
                     body.size(), more_headers, body);
}

}  // namespace samovar::net
