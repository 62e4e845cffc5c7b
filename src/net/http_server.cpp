#include "net/http_server.h"

#include "base/check.h"
#include "base/log.h"
#include "base/sync.h"
#include "net/access.h"
#include "net/connection.h"
#include "net/exchange.h"
#include "net/listen_socket.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <limits>
#include <map>
#include <new>
#include <optional>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace samovar::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Socket = Protocol::socket;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using Strand = asio::strand<asio::io_context::executor_type>;

constexpr size_t kReadBytes = 64 << 10;
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an error such as EMFILE
constexpr int64_t kHangUpPollUs = 100'000;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

class Session;

// What sessions share. Outlives the server when a Responder does.
class Core {
 public:
  Core(ServerOptions server_options, Handler server_handler)
      : options(std::move(server_options)),
        handler(std::move(server_handler)),
        home(asio::make_strand(io)),
        boot_id_(std::random_device{}()) {}

  // Queues `task`; false once the server has stopped.
  template <class Executor, class Task>
  bool post(const Executor& executor, Task task) {
    MutexLock lock(mutex_);
    if (stopped_) return false;
    asio::post(executor, std::move(task));
    return true;
  }
  void close_for_tasks() {
    MutexLock lock(mutex_);
    stopped_ = true;
  }

  std::string next_id_prefix() {
    MutexLock lock(mutex_);
    return fmt::format("req-{:08x}-{}", boot_id_, ++n_accepted_);
  }

  void add(Session* session, const std::string& address) {
    MutexLock lock(mutex_);
    sessions_.insert(session);
    ++n_by_address_[address];
  }
  void remove(Session* session, const std::string& address) {
    MutexLock lock(mutex_);
    if (sessions_.erase(session) == 0) return;
    if (--n_by_address_[address] == 0) n_by_address_.erase(address);
    if (sessions_.empty() && emptied_) std::exchange(emptied_, std::nullopt)->set_value();
  }
  size_t n_sessions() const {
    MutexLock lock(mutex_);
    return sessions_.size();
  }
  size_t n_sessions_of(const std::string& address) const {
    MutexLock lock(mutex_);
    const auto found = n_by_address_.find(address);
    return found == n_by_address_.end() ? 0 : found->second;
  }
  // Ready when no session is left.
  std::future<void> when_empty() {
    MutexLock lock(mutex_);
    emptied_.emplace();
    std::future<void> future = emptied_->get_future();
    if (sessions_.empty()) std::exchange(emptied_, std::nullopt)->set_value();
    return future;
  }
  std::vector<std::shared_ptr<Session>> sessions() const;

  const ServerOptions options;
  const Handler handler;
  asio::io_context io;
  const Strand home;  // acceptors, timers and signals are touched on it alone
  std::vector<Acceptor> acceptors;
  std::set<std::shared_ptr<asio::steady_timer>> timers;
  std::set<std::shared_ptr<asio::signal_set>> signals;
  bool stopping = false;  // on home

 private:
  mutable Mutex mutex_;
  bool stopped_ SAMOVAR_TSA(guarded_by(mutex_)) = false;
  uint64_t n_accepted_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  std::set<Session*> sessions_ SAMOVAR_TSA(guarded_by(mutex_));
  std::map<std::string, size_t> n_by_address_ SAMOVAR_TSA(guarded_by(mutex_));
  std::optional<std::promise<void>> emptied_ SAMOVAR_TSA(guarded_by(mutex_));
  const uint32_t boot_id_;
};

// Drives one Connection: its socket, its timer, its strand.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<Core> core, Strand strand, Socket socket)
      : core_(std::move(core)),
        strand_(std::move(strand)),
        socket_(std::move(socket)),
        timer_(strand_),
        address_(peer_address(socket_.native_handle())),
        connection_(core_->options, system_clock(), {address_, core_->next_id_prefix()},
                    [this](Request request, uint64_t number, Connection::Gone gone) {
                      dispatch(std::move(request), number, std::move(gone));
                    }) {}
  // The Core counts open sessions only; a Responder may keep a closed one.
  ~Session() { core_->remove(this, address_); }

  const std::string& address() const { return address_; }

  // Runs `task` on the strand and does what follows from it; false once the server has stopped.
  bool run(Exchange::Task task) {
    return core_->post(strand_, [self = shared_from_this(), task = std::move(task)] {
      task(self->connection_);
      self->pump();
    });
  }

 private:
  void dispatch(Request request, uint64_t number, Connection::Gone gone) {
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

  // Starts whatever the connection wants to have done.
  void pump() {
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
  asio::awaitable<void> read_loop(std::shared_ptr<Session> self) {
    while (connection_.wants_read()) {
      const auto [ec] = co_await socket_.async_wait(Socket::wait_read, kAwait);
      if (ec) connection_.failed();
      if (!ec && connection_.wants_read()) read_available();
      pump();
    }
    self->reading_ = false;
  }

  void read_available() {
    std::array<char, kReadBytes> bytes;  // on the stack: an idle connection holds no buffer
    error_code ec;
    const size_t n_bytes = socket_.read_some(asio::buffer(bytes), ec);
    if (ec == asio::error::would_block) return;
    if (ec == asio::error::eof) return connection_.received_end();
    if (ec) return connection_.failed();
    try {
      connection_.received({bytes.data(), n_bytes});
    } catch (const std::bad_alloc&) {
      log::error("out of memory for a request from {}", address_);
      connection_.failed();
    }
  }

  asio::awaitable<void> write_loop(std::shared_ptr<Session> self) {
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
  void arm_timer() {
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

  void on_timer() {
    if (!connection_.finished() && !connection_.wants_read() &&
        peer_hung_up(socket_.native_handle())) {
      connection_.received_end();
    }
    connection_.tick();
    pump();
  }

  void close() {
    if (!socket_.is_open()) return;
    error_code ignored;
    if (connection_.wants_reset()) {
      socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    }
    socket_.close(ignored);
    timer_.cancel();
    core_->remove(this, address_);
  }

  const std::shared_ptr<Core> core_;  // before all that lives in its io_context
  const Strand strand_;
  Socket socket_;
  asio::steady_timer timer_;
  int64_t armed_us_ = std::numeric_limits<int64_t>::max();
  const std::string address_;
  Connection connection_;
  bool reading_ = false;
  bool writing_ = false;
  bool shut_down_ = false;
};

std::vector<std::shared_ptr<Session>> Core::sessions() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<Session>> alive;
  for (Session* session : sessions_) {
    if (auto shared = session->weak_from_this().lock()) alive.push_back(std::move(shared));
  }
  return alive;
}

void admit(const std::shared_ptr<Core>& core, const Strand& strand, Socket socket) {
  const ServerOptions& options = core->options;
  const size_t n_sessions = core->n_sessions();
  // Those over the limit get a short answer, those far over it none.
  if (n_sessions >= 2 * options.max_connections) return;
  error_code ec;
  socket.non_blocking(true, ec);
  socket.set_option(asio::ip::tcp::no_delay(true), ec);  // unix sockets refuse it: no matter
  const auto session = std::make_shared<Session>(core, strand, std::move(socket));
  const std::string& address = session->address();
  const bool exempt =
      options.max_connections_per_ip == 0 || address == "unix" || is_loopback_host(address);
  const bool full = n_sessions >= options.max_connections ||
                    (!exempt && core->n_sessions_of(address) >= options.max_connections_per_ip);
  core->add(session.get(), address);
  session->run([full](Connection& connection) {
    if (full) connection.refuse(503, "too many connections");
  });
}

asio::awaitable<void> accept_loop(std::shared_ptr<Core> core, Acceptor& acceptor) {
  while (acceptor.is_open()) {
    const Strand strand = asio::make_strand(core->io);
    Socket socket(strand);
    const auto [ec] = co_await acceptor.async_accept(socket, kAwait);
    if (!ec) {
      admit(core, strand, std::move(socket));
    } else if (ec != asio::error::operation_aborted) {
      log::warning("can't accept a connection: {}", ec.message());
      asio::steady_timer pause(core->home, kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }
}

void run_io(const std::shared_ptr<Core>& core) {
  while (true) {
    try {
      core->io.run();
      return;
    } catch (const std::exception& error) {
      log::error("a task of the HTTP server threw: {}", error.what());
    }
  }
}

void wait_for_signal(const std::shared_ptr<Core>& core, asio::signal_set& signals,
                     const std::function<void(int)>& callback) {
  signals.async_wait([core, &signals, callback](const error_code& ec, int signal) {
    if (ec) return;
    callback(signal);
    if (!core->stopping) wait_for_signal(core, signals, callback);
  });
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(ServerOptions options, Handler handler, std::vector<ListenSocket> sockets)
      : core_(std::make_shared<Core>(std::move(options), std::move(handler))),
        sockets_(std::move(sockets)),
        work_(core_->io.get_executor()) {}

  Status open() {
    for (ListenSocket& socket : sockets_) {
      Acceptor& acceptor = core_->acceptors.emplace_back(core_->home);
      error_code ec;
      acceptor.assign(Protocol(socket.family(), 0), socket.release(), ec);
      if (ec) return internal_error("can't watch " + socket.address + ": " + ec.message());
    }
    return {};
  }

  uint16_t port() const {
    for (const ListenSocket& socket : sockets_) {
      if (socket.port != 0) return socket.port;
    }
    return 0;
  }

  std::vector<std::string> addresses() const {
    std::vector<std::string> all;
    for (const ListenSocket& socket : sockets_) all.push_back(socket.address);
    return all;
  }

  void start() {
    SAMOVAR_CHECK(threads_.empty());
    for (Acceptor& acceptor : core_->acceptors) {
      asio::co_spawn(core_->home, accept_loop(core_, acceptor), asio::detached);
    }
    for (int i = 0; i < core_->options.n_io_threads; ++i) {
      threads_.emplace_back([core = core_] { run_io(core); });
    }
  }

  void post(std::function<void()> task) { core_->post(core_->io.get_executor(), std::move(task)); }

  void after(int64_t delay_ms, std::function<void()> task) {
    core_->post(core_->home, [core = core_, delay_ms, task = std::move(task)] {
      if (core->stopping) return;
      auto timer = std::make_shared<asio::steady_timer>(core->home);
      core->timers.insert(timer);
      timer->expires_after(std::chrono::milliseconds(delay_ms));
      timer->async_wait([core, timer, task](const error_code& ec) {
        core->timers.erase(timer);
        if (!ec) task();
      });
    });
  }

  Status on_signals(const std::vector<int>& signals, std::function<void(int)> callback) {
    const auto set = std::make_shared<asio::signal_set>(core_->home);
    for (const int signal : signals) {
      error_code ec;
      set->add(signal, ec);
      if (ec) return internal_error(fmt::format("can't watch signal {}: {}", signal, ec.message()));
    }
    core_->post(core_->home, [core = core_, set, callback = std::move(callback)] {
      if (core->stopping) return;
      core->signals.insert(set);
      wait_for_signal(core, *set, callback);
    });
    return {};
  }

  void stop_accepting() {
    core_->post(core_->home, [core = core_] { close_acceptors(*core); });
  }

  bool drain(int64_t timeout_ms) {
    core_->post(core_->home, [core = core_] {
      close_acceptors(*core);
      for (const auto& session : core->sessions()) {
        session->run([](Connection& connection) { connection.drain(); });
      }
    });
    return core_->when_empty().wait_for(std::chrono::milliseconds(timeout_ms)) ==
           std::future_status::ready;
  }

  void stop() {
    core_->post(core_->home, [core = core_] {
      core->stopping = true;
      close_acceptors(*core);
      for (const auto& timer : core->timers) timer->cancel();
      for (const auto& set : core->signals) set->cancel();
      for (const auto& session : core->sessions()) {
        session->run([](Connection& connection) { connection.failed(); });
      }
    });
    work_.reset();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    core_->close_for_tasks();
    core_->io.restart();  // for what came between: nothing may stay that keeps the core alive
    run_io(core_);
    core_->signals.clear();
  }

  size_t n_connections() const { return core_->n_sessions(); }

 private:
  static void close_acceptors(Core& core) {
    error_code ignored;
    for (Acceptor& acceptor : core.acceptors) acceptor.close(ignored);
  }

  const std::shared_ptr<Core> core_;
  std::vector<ListenSocket> sockets_;  // their descriptors are the acceptors'; names and files stay
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  std::vector<std::thread> threads_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(ServerOptions options, Handler handler) {
  SAMOVAR_TRY(options.validate());
  SAMOVAR_ASSIGN(std::vector<ListenSocket> sockets,
                 open_listen_sockets(options.hosts, options.port));
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler), std::move(sockets));
  SAMOVAR_TRY(impl->open());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() {
  stop();
}

uint16_t HttpServer::port() const {
  return impl_->port();
}
std::vector<std::string> HttpServer::addresses() const {
  return impl_->addresses();
}
void HttpServer::start() {
  impl_->start();
}
void HttpServer::post(std::function<void()> task) {
  impl_->post(std::move(task));
}
void HttpServer::after(int64_t delay_ms, std::function<void()> task) {
  impl_->after(delay_ms, std::move(task));
}
Status HttpServer::on_signals(const std::vector<int>& signals, std::function<void(int)> callback) {
  return impl_->on_signals(signals, std::move(callback));
}
void HttpServer::stop_accepting() {
  impl_->stop_accepting();
}
bool HttpServer::drain(int64_t timeout_ms) {
  return impl_->drain(timeout_ms);
}
void HttpServer::stop() {
  impl_->stop();
}
size_t HttpServer::n_connections() const {
  return impl_->n_connections();
}

}  // namespace samovar::net
