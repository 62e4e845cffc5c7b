// samovar gateway: a local OpenAI-compatible endpoint in front of a DataSphere node.
// SPDX-License-Identifier: Apache-2.0
#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/cloud_flags.h"
#include "cli/command.h"
#include "cli/listening.h"
#include "cli/output.h"
#include "cloud/gateway.h"
#include "net/http_server.h"
#include "sys/descriptors.h"

#include <atomic>
#include <csignal>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr int64_t kMaxParallel = 1024;

class GatewayCommand final : public Command {
 public:
  void declare(Flags& flags) override {
    cloud_.declare_target(flags);
    cloud_.declare(flags);
    flags.add("--host", &hosts_,
              "address to listen on, or a list with commas; *.sock: a unix socket");
    flags.add("--port", &port_, "port to listen on; 0: any free one");
    flags.add("--api-key", &api_keys_, "ask clients for this key, or one of a list with commas");
    flags.add("--api-key-file", &api_key_file_, "a file with one key in each line");
    flags.add("--insecure-open", &insecure_open_, "listen on all addresses without a key");
    flags.add("--allow-host", &allowed_hosts_, "a Host name to answer to besides local ones");
    flags.add("--cors-origins", &cors_origins_,
              "origins whose pages may call this gateway, with commas");
    address_limit_.declare(flags);
    flags.add("--parallel", &n_parallel_, "requests carried at the same time; more wait");
    flags.add("--wait", &wait_s_, "seconds that a request waits for a node that is not ready");
    flags.add("--silence", &silence_s_,
              "seconds without a byte of the node after which an answer is given up");
    flags.add("--drain", &drain_s_, "seconds that running answers get to end on SIGTERM");
  }

  Status run(const Environment& environment) override {
    sys::raise_descriptor_limit();
    SAMOVAR_ASSIGN(cloud::GatewayOptions options, gateway_options());
    SAMOVAR_ASSIGN(const auto credentials, cloud_.credentials(environment));
    SAMOVAR_TRY(first_token(*credentials));
    cloud::Gateway gateway(std::move(options), *credentials, system_clock());
    std::atomic<bool> told_to_end{false};  // outlives the server, whose threads set it
    SAMOVAR_ASSIGN(const auto server, listen(gateway));
    gateway.set_timer([&server](int64_t delay_ms, std::function<void()> task) {
      server->after(delay_ms, std::move(task));
    });
    SAMOVAR_TRY(server->on_signals({SIGINT, SIGTERM}, [&](int) {
      told_to_end = true;
      told_to_end.notify_all();
    }));
    server->start();
    for (const std::string& address : server->addresses()) {
      tell("listening on {}\n", address);
    }
    told_to_end.wait(false);
    tell("ending: up to {} s for running answers\n", drain_s_);
    gateway.drain();
    server->drain(drain_s_ * 1000);
    server->stop();
    gateway.finish();
    return {};
  }

 private:
  Result<cloud::GatewayOptions> gateway_options() {
    cloud::GatewayOptions options;
    SAMOVAR_ASSIGN(options.node, cloud_.target());
    SAMOVAR_ASSIGN(options.keys, read_api_keys(api_keys_, api_key_file_));
    SAMOVAR_ASSIGN(n_per_address_, address_limit_.connections(!options.keys.empty()));
    const std::string exposed = exposed_host(split_list(hosts_));
    if (options.keys.empty()) SAMOVAR_TRY(check_exposure("--host ", exposed, insecure_open_));
    options.cors = net::CorsPolicy::defaults(!options.keys.empty());
    if (!cors_origins_.empty()) options.cors.origins = split_list(cors_origins_);
    options.check_host = options.keys.empty() && exposed.empty();
    options.extra_hosts = split_list(allowed_hosts_);
    options.client = {.max_silence_s = silence_s_, .ca_file = cloud_.ca_file()};
    options.patience_s = wait_s_;
    if (n_parallel_ < 1 || n_parallel_ > kMaxParallel) {
      return invalid_argument(
          fmt::format("--parallel: expected 1 to {}, found {}", kMaxParallel, n_parallel_));
    }
    SAMOVAR_TRY(check_seconds("--wait", wait_s_));
    SAMOVAR_TRY(check_seconds("--silence", silence_s_));
    SAMOVAR_TRY(check_seconds("--drain", drain_s_));
    options.n_parallel = static_cast<int>(n_parallel_);
    return options;
  }

  // A wrong key is told at once; a cloud that is out of reach may come back.
  static Status first_token(cloud::Credentials& credentials) {
    const auto token = credentials.authorization();
    if (token.ok() || token.status().code() != Code::kBusy) return token.status();
    tell("no token yet: {}\n", token.status().message());
    return {};
  }

  Result<std::unique_ptr<net::HttpServer>> listen(cloud::Gateway& gateway) const {
    SAMOVAR_ASSIGN(const uint16_t port, port_of("--port", port_));
    net::ServerOptions options{.hosts = split_list(hosts_), .port = port};
    options.max_body_bytes = cloud::kMaxNodeBytes;
    options.max_connections_per_ip = n_per_address_;
    options.answer_timeout_ms += wait_s_ * 1000;
    options.error_response = api::Api::server_error;
    options.decorate = [&gateway](const net::Request& request, net::Headers& response) {
      gateway.add_headers(request, response);
    };
    return net::HttpServer::listen(std::move(options),
                                   [&gateway](net::Request request, net::Responder responder) {
                                     gateway.handle(std::move(request), std::move(responder));
                                   });
  }

  CloudFlags cloud_;
  std::string hosts_ = "127.0.0.1";
  int64_t port_ = 8090;
  std::string api_keys_, api_key_file_, allowed_hosts_, cors_origins_;
  AddressLimit address_limit_;
  size_t n_per_address_ = 0;
  bool insecure_open_ = false;
  int64_t n_parallel_ = 64;
  int64_t wait_s_ = 600;
  int64_t silence_s_ = 300;
  int64_t drain_s_ = 30;
};

}  // namespace

std::unique_ptr<Command> make_gateway() {
  return std::make_unique<GatewayCommand>();
}

}  // namespace samovar::cli
