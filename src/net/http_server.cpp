#include "net/http_server.h"

#include "base/check.h"
#include "base/log.h"
#include "net/access.h"
#include "net/listen_socket.h"
#include "net/server_core.h"
#include "net/session.h"

#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

namespace samovar::net {
namespace {

constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // after an error such as EMFILE

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

void admit(const std::shared_ptr<ServerCore>& core, const Strand& strand, Socket socket) {
  // Accepted just before the acceptor was closed: nobody would end it any more.
  if (core->stage != ServerCore::Stage::kRunning) return;
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
  core->add(session, address);
  session->run([full](Connection& connection) {
    if (full) connection.refuse(503, "too many connections");
  });
}

// A connection that there is no memory for is dropped; the loop goes on.
void try_admit(const std::shared_ptr<ServerCore>& core, const Strand& strand, Socket socket) {
  try {
    admit(core, strand, std::move(socket));
  } catch (const std::exception& error) {
    log::error("a connection is dropped: {}", error.what());
  }
}

asio::awaitable<void> accept_loop(std::shared_ptr<ServerCore> core, Acceptor& acceptor) {
  while (acceptor.is_open()) {
    const Strand strand = asio::make_strand(core->io);
    Socket socket(strand);
    const auto [ec] = co_await acceptor.async_accept(socket, kAwait);
    if (!ec) {
      try_admit(core, strand, std::move(socket));
    } else if (ec != asio::error::operation_aborted) {
      log::warning("can't accept a connection: {}", ec.message());
      asio::steady_timer pause(core->home, kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }
}

void run_io(const std::shared_ptr<ServerCore>& core) {
  while (true) {
    try {
      core->io.run();
      return;
    } catch (const std::exception& error) {
      log::error("a task of the HTTP server threw: {}", error.what());
    }
  }
}

void wait_for_signal(const std::shared_ptr<ServerCore>& core, asio::signal_set& signals,
                     const std::function<void(int)>& callback) {
  signals.async_wait([core, &signals, callback](const error_code& ec, int signal) {
    if (ec) return;
    callback(signal);
    if (core->stage != ServerCore::Stage::kStopping) wait_for_signal(core, signals, callback);
  });
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(ServerOptions options, Handler handler, std::vector<ListenSocket> sockets)
      : core_(std::make_shared<ServerCore>(std::move(options), std::move(handler))),
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
      if (core->stage == ServerCore::Stage::kStopping) return;
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
      if (core->stage == ServerCore::Stage::kStopping) return;
      core->signals.insert(set);
      wait_for_signal(core, *set, callback);
    });
    return {};
  }

  void stop_accepting() {
    core_->post(core_->home, [core = core_] { close_acceptors(*core); });
  }

  bool drain(int64_t timeout_ms) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    // Only once the acceptors are closed can "no session" mean "no session any more".
    const auto told = std::make_shared<std::promise<void>>();
    const bool runs = core_->post(core_->home, [core = core_, told] {
      if (core->stage == ServerCore::Stage::kRunning) core->stage = ServerCore::Stage::kDraining;
      close_acceptors(*core);
      for (const auto& session : core->sessions()) {
        session->run([](Connection& connection) { connection.drain(); });
      }
      told->set_value();
    });
    if (!runs || threads_.empty()) return core_->n_sessions() == 0;
    return told->get_future().wait_until(deadline) == std::future_status::ready &&
           core_->when_empty().wait_until(deadline) == std::future_status::ready;
  }

  void stop() {
    core_->post(core_->home, [core = core_] {
      core->stage = ServerCore::Stage::kStopping;
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
  static void close_acceptors(ServerCore& core) {
    error_code ignored;
    for (Acceptor& acceptor : core.acceptors) acceptor.close(ignored);
  }

  const std::shared_ptr<ServerCore> core_;
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
