#include "net/http_server.h"

#include "base/check.h"
#include "base/log.h"
#include "net/access.h"
#include "net/listen_socket.h"
#include "net/server_core.h"
#include "net/session.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <future>
#include <memory>
#include <new>
#include <set>
#include <sys/socket.h>
#include <thread>
#include <utility>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

namespace samovar::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using WorkGuard = asio::executor_work_guard<asio::io_context::executor_type>;

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an error such as EMFILE
constexpr auto kMemoryPause = std::chrono::milliseconds(10);
constexpr int kMemoryTries = 100;

// The server's event loops, what hangs on them, and the core that its sessions see. Outlives the
// server when a Responder does. One thread runs one context: strands, which could do the same with
// one context, need memory for what is complete already, and do not outlive a lack of it.
struct Loop {
  enum class Stage : uint8_t { kRunning, kDraining, kStopping };

  Loop(ServerOptions options, Handler handler) : core(std::move(options), std::move(handler)) {
    for (int i = 0; i < core.options.n_io_threads; ++i) contexts.emplace_back(1);
  }

  asio::io_context& home() { return contexts.front(); }
  asio::io_context& next() { return contexts[n_taken++ % contexts.size()]; }

  template <class Task>
  bool post(asio::io_context& context, Task task) {
    return core.unless_stopped([&] { asio::post(context, std::move(task)); });
  }

  ServerCore core;
  std::deque<asio::io_context> contexts;  // [n_io_threads]
  std::atomic<size_t> n_taken = 0;
  std::atomic<Stage> stage = Stage::kRunning;
  // What follows is touched on the thread of home() alone.
  std::vector<Acceptor> acceptors;
  std::set<std::shared_ptr<asio::steady_timer>> timers;
  std::set<std::shared_ptr<asio::signal_set>> signals;
};

// For what must happen: does it again until there is memory for it; a lack of a second ends the
// process. `work` may be repeated.
template <class Work>
void insist(const Work& work) noexcept {
  for (int n_left = kMemoryTries; n_left > 0; --n_left) {
    try {
      return work();
    } catch (const std::bad_alloc&) {
      std::this_thread::sleep_for(kMemoryPause);
    }
  }
  work();
}

void admit(const std::shared_ptr<Loop>& loop, int socket) {
  const std::shared_ptr<ServerCore> core(loop, &loop->core);
  const ServerOptions& options = core->options;
  const size_t n_sessions = core->n_sessions();
  const auto session = make_session(core, loop->next(), socket);
  // Those over the limit get a short answer, those far over it none.
  if (n_sessions >= 2 * options.max_connections) return;
  const std::string& address = session->address();
  const bool exempt =
      options.max_connections_per_ip == 0 || address == "unix" || is_loopback_host(address);
  const bool full = n_sessions >= options.max_connections ||
                    (!exempt && core->n_sessions_of(address) >= options.max_connections_per_ip);
  core->add(session, address);
  session->run([full](Connection& connection) {
    if (full) connection.refuse(503, "too many connections");
  });
}

// Takes one connection; one that there is no memory for is dropped. RETURNS errno, or 0.
int accept_one(const std::shared_ptr<Loop>& loop, Acceptor& acceptor) {
  const int socket =
      accept4(acceptor.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) return errno;
  try {
    admit(loop, socket);
  } catch (const std::exception& error) {
    log::error("a connection is dropped: {}", error.what());
  }
  return 0;
}

// The connection went before it was taken: no trouble of ours.
bool is_passing(int error) {
  return error == EAGAIN || error == ECONNABORTED || error == EINTR || error == EPROTO;
}

void accept_next(const std::shared_ptr<Loop>& loop, Acceptor& acceptor);

void accept_later(const std::shared_ptr<Loop>& loop, Acceptor& acceptor) {
  const auto pause = std::make_shared<asio::steady_timer>(loop->home(), kAcceptPause);
  pause->async_wait([loop, &acceptor, pause](const error_code&) { accept_next(loop, acceptor); });
}

// Waits for a connection, takes it and begins anew.
void accept_next(const std::shared_ptr<Loop>& loop, Acceptor& acceptor) {
  const auto on_ready = [loop, &acceptor](const error_code& ec) {
    if (loop->stage != Loop::Stage::kRunning) return;
    const int error = ec ? ec.value() : accept_one(loop, acceptor);
    if (error == 0 || is_passing(error)) return accept_next(loop, acceptor);
    log::warning("can't accept a connection: {}", std::strerror(error));
    insist([&] { accept_later(loop, acceptor); });
  };
  if (loop->stage != Loop::Stage::kRunning) return;
  insist([&] { acceptor.async_wait(Acceptor::wait_read, on_ready); });
}

// No new connections from here on. On home().
void close_acceptors(Loop& loop, Loop::Stage stage) {
  loop.stage = std::max(loop.stage.load(), stage);
  error_code ignored;
  for (Acceptor& acceptor : loop.acceptors) acceptor.close(ignored);
}

void run_io(asio::io_context& context) {
  while (true) {
    try {
      context.run();
      return;
    } catch (const std::exception& error) {
      log::error("a task of the HTTP server threw: {}", error.what());
    }
  }
}

void wait_for_signal(const std::shared_ptr<Loop>& loop, asio::signal_set& signals,
                     const std::function<void(int)>& callback) {
  const auto on_signal = [loop, &signals, callback](const error_code& ec, int signal) {
    if (ec) return;
    callback(signal);
    if (loop->stage != Loop::Stage::kStopping) wait_for_signal(loop, signals, callback);
  };
  insist([&] { signals.async_wait(on_signal); });
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(ServerOptions options, Handler handler, std::vector<ListenSocket> sockets)
      : loop_(std::make_shared<Loop>(std::move(options), std::move(handler))),
        sockets_(std::move(sockets)) {
    for (asio::io_context& context : loop_->contexts) work_.emplace_back(context.get_executor());
  }

  Status open() {
    for (ListenSocket& socket : sockets_) {
      Acceptor& acceptor = loop_->acceptors.emplace_back(loop_->home());
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
    for (Acceptor& acceptor : loop_->acceptors) accept_next(loop_, acceptor);
    for (asio::io_context& context : loop_->contexts) {
      threads_.emplace_back([loop = loop_, &context] { run_io(context); });
    }
  }

  void post(std::function<void()> task) { loop_->post(loop_->next(), std::move(task)); }

  void after(int64_t delay_ms, std::function<void()> task) {
    loop_->post(loop_->home(), [loop = loop_, delay_ms, task = std::move(task)] {
      if (loop->stage == Loop::Stage::kStopping) return;
      auto timer = std::make_shared<asio::steady_timer>(loop->home());
      loop->timers.insert(timer);
      timer->expires_after(std::chrono::milliseconds(delay_ms));
      timer->async_wait([loop, timer, task](const error_code& ec) {
        loop->timers.erase(timer);
        if (!ec) task();
      });
    });
  }

  Status on_signals(const std::vector<int>& signals, std::function<void(int)> callback) {
    const auto set = std::make_shared<asio::signal_set>(loop_->home());
    for (const int signal : signals) {
      error_code ec;
      set->add(signal, ec);
      if (ec) return internal_error(fmt::format("can't watch signal {}: {}", signal, ec.message()));
    }
    loop_->post(loop_->home(), [loop = loop_, set, callback = std::move(callback)] {
      if (loop->stage == Loop::Stage::kStopping) return;
      insist([&] { loop->signals.insert(set); });
      wait_for_signal(loop, *set, callback);
    });
    return {};
  }

  void stop_accepting() {
    loop_->post(loop_->home(), [loop = loop_] { close_acceptors(*loop, Loop::Stage::kDraining); });
  }

  bool drain(int64_t timeout_ms) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    // Only once the acceptors are closed can "no session" mean "no session any more".
    const auto told = std::make_shared<std::promise<void>>();
    const bool runs = loop_->post(loop_->home(), [loop = loop_, told] {
      close_acceptors(*loop, Loop::Stage::kDraining);
      tell_sessions(*loop, [](Connection& connection) { connection.drain(); });
      told->set_value();
    });
    if (!runs || threads_.empty()) return loop_->core.n_sessions() == 0;
    return told->get_future().wait_until(deadline) == std::future_status::ready &&
           loop_->core.when_empty().wait_until(deadline) == std::future_status::ready;
  }

  void stop() {
    insist([&] {
      loop_->post(loop_->home(), [loop = loop_] {
        close_acceptors(*loop, Loop::Stage::kStopping);
        for (const auto& timer : loop->timers) timer->cancel();
        for (const auto& set : loop->signals) set->cancel();
        tell_sessions(*loop, [](Connection& connection) { connection.failed(); });
      });
    });
    work_.clear();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    loop_->core.close_for_tasks();
    for (asio::io_context& context : loop_->contexts) {
      context.restart();  // for what came between: nothing may stay that keeps the loop alive
      run_io(context);
    }
    loop_->signals.clear();
  }

  size_t n_connections() const { return loop_->core.n_sessions(); }

 private:
  // `what` may come to a session twice.
  static void tell_sessions(Loop& loop, void (*what)(Connection&)) {
    insist([&] {
      for (const auto& session : loop.core.sessions()) session->run(what);
    });
  }

  const std::shared_ptr<Loop> loop_;
  std::vector<ListenSocket> sockets_;  // their descriptors are the acceptors'; names and files stay
  std::vector<WorkGuard> work_;
  std::vector<std::thread> threads_;
};

Result<std::unique_ptr<HttpServer>> HttpServer::listen(ServerOptions options, Handler handler) {
  SAMOVAR_TRY(options.validate());
  if (options.bodies == nullptr) {
    options.bodies = std::make_shared<BodyBudget>(4 * options.max_body_bytes);
  }
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
