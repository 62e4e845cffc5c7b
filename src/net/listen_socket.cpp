#include "net/listen_socket.h"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace samovar::net {
namespace {

constexpr int kBacklog = 512;
constexpr int kSocketFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr int kMaxPortTries = 8;

const sockaddr* generic(const void* address) {
  return static_cast<const sockaddr*>(address);
}

std::string ip_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
  } else {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address, sizeof v6);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  }
  constexpr std::string_view kMapped = "::ffff:";
  const std::string_view shown = text;
  return std::string(shown.starts_with(kMapped) && shown.find('.') != std::string_view::npos
                         ? shown.substr(kMapped.size())
                         : shown);
}

uint16_t bound_port(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return 0;
  // sin_port and sin6_port lie at the same place.
  sockaddr_in v4;
  std::memcpy(&v4, &address, sizeof v4);
  return ntohs(v4.sin_port);
}

Status bind_error(int error_number, const std::string& host, uint16_t port) {
  const std::string where = fmt::format("can't listen on {} port {}", host, port);
  if (error_number == EADDRINUSE) {
    return busy(where +
                ": the port is in use; stop the program that has it or choose another port");
  }
  if (error_number == EACCES) {
    return invalid_argument(where + ": ports below 1024 need a privilege; choose a higher one");
  }
  if (error_number == EADDRNOTAVAIL) {
    return invalid_argument(where + ": this machine does not have that address");
  }
  return errno_error(error_number, where);
}

Result<ListenSocket> listen_ip(const addrinfo& info, const std::string& host, uint16_t port) {
  ListenSocket socket(::socket(info.ai_family, kSocketFlags, 0), info.ai_family);
  if (socket.fd() < 0) return bind_error(errno, host, port);
  const int on = 1;
  setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (info.ai_family == AF_INET6) {
    setsockopt(socket.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  }
  if (bind(socket.fd(), info.ai_addr, info.ai_addrlen) != 0 ||
      ::listen(socket.fd(), kBacklog) != 0) {
    return bind_error(errno, host, port);
  }
  sockaddr_storage address = {};
  std::memcpy(&address, info.ai_addr, info.ai_addrlen);
  const std::string text = ip_text(address);
  socket.port = bound_port(socket.fd());
  const bool v6 = info.ai_family == AF_INET6;
  socket.address = "http://" + (v6 ? "[" + text + "]" : text) + ":" + std::to_string(socket.port);
  return socket;
}

Status listen_host(const std::string& host, uint16_t& port, std::vector<ListenSocket>& sockets) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return invalid_argument(fmt::format("can't listen on {}: {}", host, gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  for (addrinfo* info = found; info != nullptr; info = info->ai_next) {
    // The first address may have chosen the port (0 asks for a free one); sin6_port lies at the
    // same place.
    reinterpret_cast<sockaddr_in*>(info->ai_addr)->sin_port = htons(port);
    Result<ListenSocket> socket = listen_ip(*info, host, port);
    // A name such as localhost has addresses of families that the machine may lack.
    const bool optional_family = info != found && !sockets.empty();
    if (!socket.ok() && optional_family && socket.status().code() != Code::kBusy) continue;
    if (!socket.ok()) return socket.status();
    port = socket->port;
    sockets.push_back(*std::move(socket));
  }
  return {};
}

// Removes a socket file that no process listens on any more.
void remove_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const ListenSocket probe(::socket(AF_UNIX, kSocketFlags, 0), AF_UNIX);
  const int connected = connect(probe.fd(), generic(&address), sizeof address);
  if (connected != 0 && errno == ECONNREFUSED) unlink(path.c_str());
}

Result<ListenSocket> listen_unix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return invalid_argument(fmt::format("can't listen on {}: a socket path has at most {} bytes",
                                        path, sizeof address.sun_path - 1));
  }
  path.copy(address.sun_path, path.size());
  remove_stale(path, address);
  ListenSocket socket(::socket(AF_UNIX, kSocketFlags, 0), AF_UNIX);
  if (socket.fd() < 0 || bind(socket.fd(), generic(&address), sizeof address) != 0 ||
      ::listen(socket.fd(), kBacklog) != 0) {
    const int error_number = errno;
    const std::string where = "can't listen on " + path;
    if (error_number == EADDRINUSE) {
      return busy(where + ": another program listens there, or it is not a socket");
    }
    return errno_error(error_number, where);
  }
  socket.file.path = path;
  if (lstat(path.c_str(), &socket.file.made) != 0) return errno_error(errno, path);
  socket.address = "unix:" + path;
  return socket;
}

Result<std::vector<ListenSocket>> open_all(const std::vector<std::string>& hosts, uint16_t port) {
  std::vector<ListenSocket> sockets;
  for (const std::string& host : hosts) {
    if (host.ends_with(".sock")) {
      SAMOVAR_ASSIGN(ListenSocket socket, listen_unix(host));
      sockets.push_back(std::move(socket));
    } else {
      SAMOVAR_TRY(listen_host(host, port, sockets));
    }
  }
  return sockets;
}

}  // namespace

// A number that was set free may be given again at once; only the time differs then.
bool SocketFile::is_there() const {
  struct stat now = {};
  return !path.empty() && lstat(path.c_str(), &now) == 0 && now.st_dev == made.st_dev &&
         now.st_ino == made.st_ino && now.st_mtim.tv_sec == made.st_mtim.tv_sec &&
         now.st_mtim.tv_nsec == made.st_mtim.tv_nsec;
}

ListenSocket::ListenSocket(ListenSocket&& other) noexcept
    : address(std::move(other.address)),
      file(std::exchange(other.file, {})),
      port(other.port),
      fd_(std::exchange(other.fd_, -1)),
      family_(other.family_) {}

ListenSocket& ListenSocket::operator=(ListenSocket&& other) noexcept {
  std::swap(address, other.address);
  std::swap(file, other.file);
  std::swap(port, other.port);
  std::swap(fd_, other.fd_);
  std::swap(family_, other.family_);
  return *this;
}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) close(fd_);
  if (file.is_there()) unlink(file.path.c_str());
}

int ListenSocket::release() {
  return std::exchange(fd_, -1);
}

Result<std::vector<ListenSocket>> open_listen_sockets(const std::vector<std::string>& hosts,
                                                      uint16_t port) {
  Result<std::vector<ListenSocket>> sockets = open_all(hosts, port);
  // A port that is free on the first host may be taken on the second: ask for another.
  for (int i = 1; port == 0 && i < kMaxPortTries; ++i) {
    if (sockets.ok() || sockets.status().code() != Code::kBusy) break;
    sockets = open_all(hosts, port);
  }
  return sockets;
}

std::string peer_address(int fd) {
  sockaddr_storage address = {};
  socklen_t length = sizeof address;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return "";
  return address.ss_family == AF_UNIX ? "unix" : ip_text(address);
}

bool peer_hung_up(int fd) {
  pollfd asked = {.fd = fd, .events = POLLRDHUP, .revents = 0};
  return poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

}  // namespace samovar::net
