#include "net/session.h"

#include "base/log.h"
#include "net/connection.h"
#include "net/guarded_answer.h"
#include "net/listen_socket.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <limits>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace samovar::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Socket = Protocol::socket;

constexpr size_t kReadBytes = 64 << 10;
constexpr int64_t kPollUs = 100'000;

// Thread: that of `io`, but for address() and run().
class AsioSession final : public Session, public std::enable_shared_from_this<AsioSession> {
 public:
  AsioSession(std::shared_ptr<ServerCore> core, asio::io_context& io, int socket);
  ~AsioSession() override { core_->remove(this, address_); }

  // OWNS `socket` unless it throws.
  void adopt(int socket);

  const std::string& address() const override { return address_; }
  bool run(Exchange::Task task) override;

 private:
  void dispatch(Request request, uint64_t number, Connection::SharedFlags flags);
  template <class Work>
  void attempt(const Work& work);
  void pump();
  void start_read();
  void read_available();
  void start_write();
  void arm_timer();
  void on_timer();
  void close();

  const std::shared_ptr<ServerCore> core_;  // before all that lives in the io_context
  asio::io_context& io_;
  Socket socket_;
  asio::steady_timer timer_;
  int64_t armed_us_ = std::numeric_limits<int64_t>::max();
  const std::string address_;
  Connection connection_;
  std::string output_;  // on its way to the kernel
  size_t n_sent_ = 0;   // B of it
  bool reading_ = false;
  bool writing_ = false;
  bool shut_down_ = false;
};

AsioSession::AsioSession(std::shared_ptr<ServerCore> core, asio::io_context& io, int socket)
    : core_(std::move(core)),
      io_(io),
      socket_(io_),
      timer_(io_),
      address_(peer_address(socket)),
      connection_(core_->options, system_clock(), {address_, core_->next_id_prefix()},
                  [this](Request request, uint64_t number, Connection::SharedFlags flags) {
                    dispatch(std::move(request), number, std::move(flags));
                  }) {}

void AsioSession::adopt(int socket) {
  socket_.assign(Protocol(AF_UNSPEC, 0), socket);
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);  // unix sockets refuse it
}

bool AsioSession::run(Exchange::Task task) {
  return core_->unless_stopped([&] {
    asio::post(io_, [self = shared_from_this(), task = std::move(task)] {
      self->attempt([&] { task(self->connection_); });
    });
  });
}

void AsioSession::dispatch(Request request, uint64_t number, Connection::SharedFlags flags) {
  const Responder responder(std::make_shared<Exchange>(
      number, std::move(flags),
      [self = shared_from_this()](Exchange::Task task) { return self->run(std::move(task)); }));
  const std::string path = request.path;
  guard_answer(
      responder,
      [&](int status, std::string_view message) {
        return core_->options.shape_error(status, path, message);
      },
      [&] { core_->handler(std::move(request), responder); });
}

// Runs `work` and what follows from it. What goes wrong ends this connection: half an answer must
// not look whole.
template <class Work>
void AsioSession::attempt(const Work& work) {
  try {
    work();
    pump();
  } catch (const std::exception& error) {
    log::error("the connection with {} is cut: {}", address_, error.what());
    close();
    connection_.failed();
  }
}

// Starts whatever the connection wants to have done.
void AsioSession::pump() {
  if (connection_.finished()) return close();
  if (!writing_) start_write();
  if (!reading_ && connection_.wants_read()) start_read();
  if (connection_.wants_shutdown() && !std::exchange(shut_down_, true)) {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  arm_timer();
}

void AsioSession::start_read() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const error_code& ec) {
    self->reading_ = false;
    self->attempt([&] {
      if (ec) return self->connection_.failed();
      if (self->connection_.wants_read()) self->read_available();
    });
  });
  reading_ = true;
}

void AsioSession::read_available() {
  std::array<char, kReadBytes> bytes;  // on the stack: an idle connection holds no buffer
  error_code ec;
  const size_t n_bytes = socket_.read_some(asio::buffer(bytes), ec);
  if (ec == asio::error::would_block) return;
  if (ec == asio::error::eof) return connection_.received_end();
  if (ec) return connection_.failed();
  connection_.received({bytes.data(), n_bytes});
}

void AsioSession::start_write() {
  if (n_sent_ == output_.size()) {
    output_ = connection_.take_output();
    n_sent_ = 0;
  }
  if (output_.empty()) return;
  socket_.async_write_some(asio::buffer(output_.data() + n_sent_, output_.size() - n_sent_),
                           [self = shared_from_this()](const error_code& ec, size_t n_bytes) {
                             self->writing_ = false;
                             self->n_sent_ += n_bytes;
                             self->attempt([&] {
                               self->connection_.sent(n_bytes);
                               if (ec) self->connection_.failed();
                             });
                           });
  writing_ = true;
}

// The timer is moved only to come earlier; when it comes too early it is set again.
void AsioSession::arm_timer() {
  const int64_t now_us = system_clock().monotonic_us();
  int64_t deadline_us = connection_.deadline_us();
  if (connection_.under_way() || !connection_.wants_read()) {
    deadline_us = std::min(deadline_us, now_us + kPollUs);
  }
  if (deadline_us >= armed_us_) return;
  const int64_t wait_us = std::clamp<int64_t>(deadline_us - now_us, 0, 3'600'000'000);
  timer_.expires_after(std::chrono::microseconds(wait_us));
  timer_.async_wait([self = shared_from_this()](const error_code& ec) {
    if (ec) return;  // moved, or closed
    self->armed_us_ = std::numeric_limits<int64_t>::max();
    self->attempt([&] { self->on_timer(); });
  });
  armed_us_ = deadline_us;
}

void AsioSession::on_timer() {
  if (!connection_.finished() && !connection_.wants_read() &&
      peer_hung_up(socket_.native_handle())) {
    connection_.received_end();
  }
  connection_.tick();
}

void AsioSession::close() {
  if (!socket_.is_open()) return;
  error_code ignored;
  if (connection_.wants_reset()) {
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }
  socket_.close(ignored);
  timer_.cancel();
  core_->remove(this, address_);
}

}  // namespace

std::shared_ptr<Session> make_session(std::shared_ptr<ServerCore> core, asio::io_context& io,
                                      int socket) {
  struct Owner {
    int socket;
    ~Owner() {
      if (socket >= 0) ::close(socket);
    }
  } owner{socket};
  auto session = std::make_shared<AsioSession>(std::move(core), io, socket);
  session->adopt(socket);
  owner.socket = -1;
  return session;
}

}  // namespace samovar::net
