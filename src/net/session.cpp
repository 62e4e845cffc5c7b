#include "net/session.h"

#include "base/log.h"
#include "net/listen_socket.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace samovar::net {
namespace {

constexpr size_t kReadBytes = 64 << 10;
constexpr int64_t kHangUpPollUs = 100'000;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

Session::Session(std::shared_ptr<ServerCore> core, Strand strand, Socket socket)
    : core_(std::move(core)),
      strand_(std::move(strand)),
      socket_(std::move(socket)),
      timer_(strand_),
      address_(peer_address(socket_.native_handle())),
      connection_(core_->options, system_clock(), {address_, core_->next_id_prefix()},
                  [this](Request request, uint64_t number, Connection::Gone gone) {
                    dispatch(std::move(request), number, std::move(gone));
                  }) {}

bool Session::run(Exchange::Task task) {
  return core_->post(strand_, [self = shared_from_this(), task = std::move(task)] {
    self->attempt(task);
    self->pump();
  });
}

void Session::dispatch(Request request, uint64_t number, Connection::Gone gone) {
  const Responder responder(std::make_shared<Exchange>(
      number, std::move(gone),
      [self = shared_from_this()](Exchange::Task task) { return self->run(std::move(task)); }));
  const std::string path = request.path;
  try {
    core_->handler(std::move(request), responder);
  } catch (const std::bad_alloc&) {
    responder.send(core_->options.shape_error(503, path, "out of memory"));
  } catch (const std::exception& error) {
    log::error("a request handler threw: {}", error.what());
    responder.send(core_->options.shape_error(500, path, "internal error"));
  }
}

// Runs `task`. What goes wrong in it ends this connection: half an answer must not look whole.
void Session::attempt(const Exchange::Task& task) {
  try {
    task(connection_);
  } catch (const std::exception& error) {
    log::error("the connection with {} is cut: {}", address_, error.what());
    connection_.failed();
  }
}

// Starts whatever the connection wants to have done.
void Session::pump() {
  if (connection_.finished()) return close();
  if (connection_.has_output() && !std::exchange(writing_, true)) {
    asio::co_spawn(strand_, write_loop(shared_from_this()), asio::detached);
  }
  if (connection_.wants_read() && !std::exchange(reading_, true)) {
    asio::co_spawn(strand_, read_loop(shared_from_this()), asio::detached);
  }
  if (connection_.wants_shutdown() && !std::exchange(shut_down_, true)) {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  arm_timer();
}

// `self` keeps the session for as long as the loop runs; so below.
asio::awaitable<void> Session::read_loop(std::shared_ptr<Session> self) {
  while (connection_.wants_read()) {
    const auto [ec] = co_await socket_.async_wait(Socket::wait_read, kAwait);
    if (ec) connection_.failed();
    if (!ec && connection_.wants_read()) read_available();
    pump();
  }
  self->reading_ = false;
}

void Session::read_available() {
  std::array<char, kReadBytes> bytes;  // on the stack: an idle connection holds no buffer
  error_code ec;
  const size_t n_bytes = socket_.read_some(asio::buffer(bytes), ec);
  if (ec == asio::error::would_block) return;
  if (ec == asio::error::eof) return connection_.received_end();
  if (ec) return connection_.failed();
  attempt([&](Connection& connection) { connection.received({bytes.data(), n_bytes}); });
}

asio::awaitable<void> Session::write_loop(std::shared_ptr<Session> self) {
  while (connection_.has_output()) {
    const std::string output = connection_.take_output();
    for (size_t n_sent = 0; n_sent < output.size() && !connection_.finished();) {
      const auto [ec, n_bytes] = co_await socket_.async_write_some(
          asio::buffer(output.data() + n_sent, output.size() - n_sent), kAwait);
      n_sent += n_bytes;
      connection_.sent(n_bytes);
      if (ec) connection_.failed();
    }
  }
  self->writing_ = false;
  pump();
}

// The timer is moved only to come earlier; when it comes too early it is set again.
void Session::arm_timer() {
  const int64_t now_us = system_clock().monotonic_us();
  int64_t deadline_us = connection_.deadline_us();
  if (!connection_.wants_read()) deadline_us = std::min(deadline_us, now_us + kHangUpPollUs);
  if (deadline_us >= armed_us_) return;
  armed_us_ = deadline_us;
  const int64_t wait_us = std::clamp<int64_t>(deadline_us - now_us, 0, 3'600'000'000);
  timer_.expires_after(std::chrono::microseconds(wait_us));
  timer_.async_wait([self = shared_from_this()](const error_code& ec) {
    if (ec) return;  // moved, or closed
    self->armed_us_ = std::numeric_limits<int64_t>::max();
    self->on_timer();
  });
}

void Session::on_timer() {
  if (!connection_.finished() && !connection_.wants_read() &&
      peer_hung_up(socket_.native_handle())) {
    connection_.received_end();
  }
  attempt([](Connection& connection) { connection.tick(); });
  pump();
}

void Session::close() {
  if (!socket_.is_open()) return;
  error_code ignored;
  if (connection_.wants_reset()) {
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  }
  socket_.close(ignored);
  timer_.cancel();
  core_->remove(this, address_);
}

}  // namespace samovar::net
