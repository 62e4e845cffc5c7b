// Listening sockets: host names and ports -> bound, listening descriptors; and what a peer is
// called.
//
// Thread: values; plain system calls.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <vector>

namespace samovar::net {

// The file of a unix socket. Whoever listens at its path later has another one.
struct SocketFile {
  std::string path;
  struct stat made = {};  // once it was bound

  bool is_there() const;
};

// OWNS a listening descriptor until release(), and the file of a unix socket.
class ListenSocket {
 public:
  ListenSocket(int fd, int family) : fd_(fd), family_(family) {}
  ListenSocket(ListenSocket&& other) noexcept;
  ListenSocket& operator=(ListenSocket&& other) noexcept;
  ~ListenSocket();

  int fd() const { return fd_; }
  int family() const { return family_; }  // AF_INET, AF_INET6, AF_UNIX
  int release();

  std::string address;  // "http://127.0.0.1:8080", "unix:/run/s.sock"
  SocketFile file;      // its path is empty for IP
  uint16_t port = 0;    // 0 for unix sockets

 private:
  int fd_;
  int family_;
};

// One socket per address of each host. "*.sock" is a unix socket: its file is replaced when nobody
// answers there. Port 0: a free one, the same for all. kBusy names the port that is taken.
Result<std::vector<ListenSocket>> open_listen_sockets(const std::vector<std::string>& hosts,
                                                      uint16_t port);

// The peer's IP, v4-mapped ones as v4; "unix" for unix sockets.
std::string peer_address(int fd);
// The peer has sent FIN or RST, whatever still waits to be read.
bool peer_hung_up(int fd);

}  // namespace samovar::net
