// samovar serve: the HTTP server around one model.
#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/running_servers.h"
#include "cli/sampling_flags.h"
#include "cli/session.h"
#include "net/http_server.h"
#include "store/catalog.h"
#include "sys/file.h"

#include <atomic>
#include <csignal>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class Serve final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &model_.model,
              "a name that `samovar list` shows, or a path; smollm2:135m if none");
    flags.add("-m,--model", &model_.model, "the same, as llama-server spells it");
    declare_model_flags(flags, model_);
    flags.add("--parallel", &model_.n_slots, "requests at work together; more wait in a queue");
    flags.add("--cache-tokens", &model_.n_cache_tokens,
              "tokens of the KV cache that they share; 0: what fits in memory");
    sampling_.declare(flags);
    flags.add("--host", &hosts_,
              "address to listen on, or a list with commas; *.sock: a unix socket");
    flags.add("--port", &port_, "port to listen on; 0: any free one");
    flags.add("--alias", &alias_, "the model's name in the API");
    flags.add("--api-key", &api_keys_, "ask clients for this key, or one of a list with commas");
    flags.add("--api-key-file", &api_key_file_, "a file with one key in each line");
    flags.add("--insecure-open", &insecure_open_, "listen on all addresses without a key");
    flags.add("--allow-host", &allowed_hosts_, "a Host name to answer to besides local ones");
    flags.add("--cors-origins", &cors_origins_,
              "origins whose pages may call this server, with commas");
    flags.add("--drain", &drain_s_, "seconds that running answers get to end on SIGTERM");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(api::ApiOptions options, api_options());
    SAMOVAR_TRY(check_exposure(!options.keys.empty()));
    api::Api api(std::move(options));
    std::atomic<bool> told_to_end{false};  // outlives the server, whose threads set it
    SAMOVAR_ASSIGN(const auto server, listen(api));
    api.set_poster([&server](std::function<void()> task) { server->post(std::move(task)); });
    SAMOVAR_TRY(server->on_signals({SIGINT, SIGTERM}, [&](int) {
      told_to_end = true;
      told_to_end.notify_all();
    }));
    server->start();

    const int64_t start_us = system_clock().monotonic_us();
    auto session = open_session(model_, environment);
    if (!session.ok()) {
      server->stop();
      return std::move(session).status();
    }
    api.set_model(session->served);
    announce(*server, *session, system_clock().monotonic_us() - start_us);
    const auto registration = register_server(*server, environment);
    told_to_end.wait(false);
    drain(api, *server, *session);
    return {};
  }

 private:
  Result<api::ApiOptions> api_options() const {
    api::ApiOptions options{.model_id = model_id()};
    SAMOVAR_ASSIGN(options.defaults.sampling, sampling_.params());
    options.defaults.max_tokens = sampling_.n_predict();
    for (const std::string& key : split(api_keys_)) SAMOVAR_TRY(options.keys.add(Secret(key)));
    if (!api_key_file_.empty()) {
      SAMOVAR_ASSIGN(const std::string text, sys::read_file(api_key_file_, uint64_t{1} << 20));
      SAMOVAR_TRY(options.keys.add_lines(text));
    }
    options.cors = net::CorsPolicy::defaults(!options.keys.empty());
    if (!cors_origins_.empty()) options.cors.origins = split(cors_origins_);
    options.check_host = options.keys.empty() && exposed_host().empty();
    options.extra_hosts = split(allowed_hosts_);
    return options;
  }

  // The first address that others can reach; empty when all are local.
  std::string exposed_host() const {
    for (const std::string& host : split(hosts_)) {
      if (!host.ends_with(".sock") && !net::is_loopback_host(host)) return host;
    }
    return {};
  }

  // Everybody in the network could ask: that must be somebody's decision.
  Status check_exposure(bool has_keys) const {
    const std::string host = exposed_host();
    if (has_keys || host.empty()) return {};
    if (insecure_open_) {
      fmt::print(stderr, "warning: no key is set: everybody who reaches {} may ask\n", host);
      return {};
    }
    return invalid_argument(
        fmt::format("--host {} is open to the network and no key is set: give --api-key KEY, or "
                    "--insecure-open if "
                    "everybody may ask",
                    host));
  }

  Result<std::unique_ptr<net::HttpServer>> listen(api::Api& api) const {
    if (port_ < 0 || port_ > 65535) {
      return invalid_argument(fmt::format("--port: expected 0 to 65535, found {}", port_));
    }
    net::ServerOptions options{.hosts = split(hosts_), .port = static_cast<uint16_t>(port_)};
    options.error_response = api::Api::server_error;
    options.decorate = [&api](const net::Request& request, net::Headers& response) {
      api.add_headers(request, response);
    };
    options.on_access = [&api](const net::AccessRecord& record) { api.on_access(record); };
    return net::HttpServer::listen(std::move(options),
                                   [&api](net::Request request, net::Responder responder) {
                                     api.handle(std::move(request), std::move(responder));
                                   });
  }

  void announce(const net::HttpServer& server, const Session& session, int64_t load_us) const {
    if (!session.served->format.note.empty())
      fmt::print(stderr, "{}\n", session.served->format.note);
    fmt::print(stderr, "{}: loaded in {:.0f} ms, {} threads, {} kernels\n{}\n", model_.model,
               static_cast<double>(load_us) / 1e3, session.n_threads, sys::isa_name(session.isa),
               session.plan.summary());
    for (const std::string& address : server.addresses())
      fmt::print(stderr, "listening on {}\n", address);
  }

  std::optional<ServerRegistration> register_server(const net::HttpServer& server,
                                                    const Environment& environment) const {
    auto registration = ServerRegistration::create(store_options(environment).state_dir,
                                                   {.pid = getpid(),
                                                    .model = model_id(),
                                                    .url = server.addresses().front(),
                                                    .started_unix_s = system_clock().unix_s()});
    if (registration.ok()) return *std::move(registration);
    log::warning("`samovar ps` will not show this server: {}", registration.status().message());
    return std::nullopt;
  }

  void drain(api::Api& api, net::HttpServer& server, const Session& session) const {
    fmt::print(stderr, "ending: up to {} s for running answers\n", drain_s_);
    api.drain();
    if (!server.drain(drain_s_ * 1000)) fmt::print(stderr, "some answers were cut\n");
    session.served->engine->stop();
    server.stop();
  }

  // What clients call the model: the alias, else the name as given, of a path the file's name.
  std::string model_id() const {
    return alias_.empty() ? model_.model.substr(model_.model.find_last_of('/') + 1) : alias_;
  }

  static std::vector<std::string> split(const std::string& list);

  ModelOptions model_{.model = std::string(store::kDefaultModel), .n_slots = 4};
  SamplingFlags sampling_;
  std::string hosts_ = "127.0.0.1", alias_, api_keys_, api_key_file_, allowed_hosts_, cors_origins_;
  int64_t port_ = 8080, drain_s_ = 30;
  bool insecure_open_ = false;
};

std::vector<std::string> Serve::split(const std::string& list) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin < list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    if (end > begin) items.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

}  // namespace

std::unique_ptr<Command> make_serve() {
  return std::make_unique<Serve>();
}

}  // namespace samovar::cli
