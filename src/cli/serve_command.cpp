// samovar serve: the HTTP server around the models.
#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/cpu_follower.h"
#include "cli/listening.h"
#include "cli/memory_follower.h"
#include "cli/ollama_port.h"
#include "cli/output.h"
#include "cli/peer_options.h"
#include "cli/pooling_flag.h"
#include "cli/reasoning_flags.h"
#include "cli/running_servers.h"
#include "cli/sampling_flags.h"
#include "cli/serve_models.h"
#include "cli/session.h"
#include "net/http_server.h"
#include "store/store.h"
#include "sys/descriptors.h"
#include "sys/file.h"
#include "sys/init_process.h"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class Serve final : public Command {
 public:
  void declare(Flags& flags) override {
    models_.declare(flags);
    declare_model_flags(flags, model_);
    flags.add("--chat-template-file", &template_file_, "a file with the template to use instead");
    declare_slot_flags(flags, n_slots_, model_);
    flags.add("--no-speculation", &no_speculation_,
              "never guess tokens ahead from the text itself; answers are the same either way");
    sampling_.declare(flags);
    reasoning_.declare(flags);
    declare_network(flags);
    declare_routes(flags);
    ollama_.declare(flags);
    flags.add("--drain", &drain_s_, "seconds that running answers get to end on SIGTERM");
    flags.add("-v,--verbose", &verbose_, "say more: at start, and in answers as `__verbose`");
    flags.add("--as-llama-server", &as_llama_server_,
              "as the program of that name: may listen for everybody without a key, no /metrics "
              "until --metrics, --ctx-size is shared by the slots, its words to browsers");
    flags.add(
        "--as-local-llm", &as_local_llm_,
        "as the server behind local-llm: may listen for everybody without a key, pages of all "
        "origins may call it, says `Uvicorn running on` once it answers");
    flags.add("--kv-unified", &kv_unified_, "with --as-llama-server: each slot may use all of it");
    peer_.declare(flags);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(sys::split_off_init());
    sys::raise_descriptor_limit();
    SAMOVAR_TRY(settle());
    SAMOVAR_ASSIGN(api::ApiOptions options, api_options());
    SAMOVAR_TRY(settle_ollama(options, environment));
    SAMOVAR_ASSIGN(n_per_address_, address_limit_.connections(!options.keys.empty()));
    SAMOVAR_TRY(check_exposure(!options.keys.empty()));
    SAMOVAR_TRY(models_.settle(options, model_, split_list(aliases_), environment));
    bodies_ = std::make_shared<net::BodyBudget>(models_.http_bytes());
    api::Api api(std::move(options));
    CpuFollower cpu(models_.pool());  // outlive the server, whose threads use them
    MemoryFollower memory(api);
    std::atomic<bool> told_to_end{false};  // outlives the server, whose threads set it
    SAMOVAR_ASSIGN(const auto server, listen(api));
    SAMOVAR_ASSIGN(const auto ollama_server, listen_as_ollama(api));
    SAMOVAR_ASSIGN(const auto metrics_server, listen_for_metrics(api));
    api.set_poster([&server](std::function<void()> task) { server->post(std::move(task)); });
    api.set_timer([&server](int64_t delay_ms, std::function<void()> task) {
      server->after(delay_ms, std::move(task));
    });
    SAMOVAR_TRY(server->on_signals({SIGINT, SIGTERM}, [&](int) {
      told_to_end = true;
      told_to_end.notify_all();
    }));
    server->start();
    if (models_.follows_cpu()) cpu.follow(*server);
    memory.follow(*server);
    if (ollama_server) ollama_server->start();
    if (metrics_server) metrics_server->start();

    if (Status loaded = models_.load_named(api, told_to_end); !loaded.ok()) {
      api.registry().stop();
      server->stop();
      return loaded;
    }
    api.set_ready();
    for (const std::string& address : server->addresses()) tell("listening on {}\n", address);
    if (ollama_server) {
      tell("listening on {} as Ollama does\n", ollama_server->addresses().front());
    }
    if (as_local_llm_) say_running();
    const auto registration = register_server(*server, environment);
    told_to_end.wait(false);
    drain(api, *server, ollama_server.get());
    return {};
  }

 private:
  void declare_network(Flags& flags) {
    flags.add("--host", &hosts_,
              "address to listen on, or a list with commas; *.sock: a unix socket");
    flags.also_from("LLAMA_ARG_HOST");
    flags.add("--port", &port_, "port to listen on; 0: any free one");
    flags.also_from("LLAMA_ARG_PORT");
    flags.add("--api-prefix", &prefix_, "what all paths begin with: /llm");
    flags.also_from("LLAMA_ARG_API_PREFIX");
    flags.add("--api-key", &api_keys_, "ask clients for this key, or one of a list with commas");
    flags.also_from("LLAMA_API_KEY");
    flags.add("--api-key-file", &api_key_file_, "a file with one key in each line");
    flags.also_from("LLAMA_ARG_API_KEY_FILE");
    flags.add("--insecure-open", &insecure_open_, "listen on all addresses without a key");
    flags.add("--allow-host", &allowed_hosts_, "a Host name to answer to besides local ones");
    flags.add("--cors-origins", &cors_origins_,
              "origins whose pages may call this server, with commas");
    address_limit_.declare(flags);
  }

  void declare_routes(Flags& flags) {
    flags.add(
        "-a,--alias", &aliases_,
        "the model's name in the API, or a list with commas: the first in the alphabet is it");
    flags.also_from("LLAMA_ARG_ALIAS");
    flags.add("--tags", &tags_, "words listed with the model, with commas");
    flags.add("--metrics", &metrics_, "serve /metrics (it is, but for --as-llama-server)");
    flags.also_from("LLAMA_ARG_ENDPOINT_METRICS");
    flags.add("--metrics-public", &metrics_public_, "/metrics asks for no key");
    flags.add("--metrics-port", &metrics_port_,
              "a port of its own for /metrics, on the same addresses, without keys; 0: none");
    flags.add("--metrics-throughput", &throughput_,
              "what tokens per second are averaged over: scrape (since the last one), lifetime, or "
              "seconds: 30s");
    flags.add("--slots", &slots_, "serve /slots (it is)");
    flags.add("--no-slots", &no_slots_, "do not serve /slots");
    flags.add("--props", &props_, "take changes at /props");
    flags.also_from("LLAMA_ARG_ENDPOINT_PROPS");
    flags.add("--no-ui", &no_page_, "do not serve the chat page");
    flags.add("--queue-timeout", &queue_timeout_s_,
              "seconds that a request waits for a slot before it is answered 503; 0: for ever");
    flags.add("--pooling", &pooling_,
              "how a text's tokens become its embedding: none, mean, cls or last; what the model's "
              "file says if none");
    flags.also_from("LLAMA_ARG_POOLING");
    flags.add("--spm-infill", &spm_infill_, "the suffix stands first where text is filled in");
  }

  // What several flags decide together.
  Status settle() {
    ollama_.wanted = ollama_.wanted || ollama_.by_name;
    for (const std::string& host : split_list(hosts_)) {
      if (!host.ends_with(".sock")) {
        SAMOVAR_TRY(net::validate_host(host).with_context("--host"));
      }
    }
    SAMOVAR_TRY(check_seconds("--drain", drain_s_));
    if (!template_file_.empty()) {
      SAMOVAR_ASSIGN(model_.chat_format, sys::read_file(template_file_, uint64_t{1} << 20));
    }
    if (!prefix_.empty() && (!prefix_.starts_with('/') || prefix_.ends_with('/'))) {
      return invalid_argument(
          fmt::format("--api-prefix: expected /SOMETHING, found `{}`", prefix_));
    }
    SAMOVAR_TRY(settle_slots(n_slots_, model_));
    if (as_llama_server_) {
      model_.chat_fallback = "chatml";
      model_.caps_context = true;
    }
    if (as_llama_server_ && model_.n_ctx > 0) {
      model_.n_cache_tokens = model_.n_ctx;
      const bool unified = kv_unified_ || n_slots_ <= 0;
      if (!unified) model_.n_ctx = std::max<int64_t>(1, model_.n_ctx / model_.n_slots);
    }
    if (verbose_) {
      for (const std::string& name : peer_.given()) tell("{}: without effect\n", name);
    }
    return {};
  }

  Result<api::ApiOptions> api_options() const {
    api::ApiOptions options;
    SAMOVAR_ASSIGN(options.defaults.sampling, sampling_.params());
    options.defaults.sampling_given = sampling_.given();
    options.defaults.seed = sampling_.seed();
    options.defaults.verbose = verbose_;
    options.defaults.speculate = !no_speculation_;
    options.defaults.max_tokens = sampling_.n_predict();
    options.defaults.context_shift = sampling_.context_shift();
    options.defaults.n_keep = sampling_.n_keep();
    SAMOVAR_ASSIGN(options.defaults.reasoning, reasoning_.defaults());
    // There templates always hear `enable_thinking`, and some take silence for false.
    std::optional<bool>& thinks = options.defaults.reasoning.thinks;
    if (as_llama_server_ && !thinks) thinks = true;
    options.tools = reasoning_.takes_tools();
    options.aliases = split_list(aliases_);
    options.tags = split_list(tags_);
    options.prefix = prefix_;
    options.page = !no_page_;
    options.metrics = metrics_ || !as_llama_server_;
    options.metrics_public = metrics_public_;
    const auto window = api::parse_throughput_window(throughput_);
    if (!window.ok()) return window.status().with_context("--metrics-throughput");
    options.throughput = *window;
    options.slots = !no_slots_;
    options.props = props_;
    options.spm_infill = spm_infill_;
    constexpr int64_t kMaxQueueTimeout = 1'000'000'000;  // s
    if (queue_timeout_s_ < 0 || queue_timeout_s_ > kMaxQueueTimeout) {
      return invalid_argument(fmt::format("--queue-timeout: expected 0 to {} seconds, found {}",
                                          kMaxQueueTimeout, queue_timeout_s_));
    }
    options.queue_timeout_us = queue_timeout_s_ * 1'000'000;
    options.waits_for_start = !as_local_llm_;  // a node's connections may not be silent for long
    SAMOVAR_ASSIGN(options.pooling, parse_pooling(pooling_));
    SAMOVAR_ASSIGN(options.keys, read_api_keys(api_keys_, api_key_file_));
    options.cors = net::CorsPolicy::defaults(!options.keys.empty() || as_local_llm_);
    if (!cors_origins_.empty()) options.cors.origins = split_list(cors_origins_);
    options.cors.names_headers = !as_llama_server_;
    options.check_host = options.keys.empty() && exposed_host().empty();
    options.extra_hosts = split_list(allowed_hosts_);
    return options;
  }

  Status settle_ollama(api::ApiOptions& options, const Environment& environment) {
    if (!ollama_.version.empty()) options.ollama_version = ollama_.version;
    SAMOVAR_ASSIGN(store::Store models, store::Store::open(store_options(environment)));
    options.models = std::make_shared<const store::Store>(std::move(models));
    for (std::string& origin : split_list(environment.get("OLLAMA_ORIGINS").value_or(""))) {
      options.cors.origins.push_back(std::move(origin));
    }
    if (!ollama_.wanted) return {};
    SAMOVAR_ASSIGN(ollama_address_, ollama_.address(environment));
    SAMOVAR_TRY(net::validate_host(ollama_address_.host).with_context("OLLAMA_HOST"));
    options.check_host = options.keys.empty() && exposed_host().empty();
    return {};
  }

  std::string exposed_ollama_host() const {
    return ollama_.wanted ? cli::exposed_host({ollama_address_.host}) : std::string();
  }
  std::string exposed_host() const {
    const std::string host = cli::exposed_host(split_list(hosts_));
    return host.empty() ? exposed_ollama_host() : host;
  }

  // Everybody in the network could ask: that must be somebody's decision.
  Status check_exposure(bool has_keys) const {
    if (has_keys) return {};
    SAMOVAR_TRY(cli::check_exposure("--host ", cli::exposed_host(split_list(hosts_)),
                                    insecure_open_ || as_llama_server_ || as_local_llm_));
    return cli::check_exposure("OLLAMA_HOST=", exposed_ollama_host(),
                               insecure_open_ || ollama_.by_name);
  }

  Result<std::unique_ptr<net::HttpServer>> listen(api::Api& api) const {
    SAMOVAR_ASSIGN(const uint16_t port, port_of("--port", port_));
    net::ServerOptions options{.hosts = split_list(hosts_), .port = port};
    options.error_response = [&api](int status, std::string_view path, std::string_view message) {
      return api.prefixed_server_error(status, path, message);
    };
    return listen(std::move(options), api, &api::Api::handle);
  }

  // Nothing where nobody asked for Ollama's port.
  Result<std::unique_ptr<net::HttpServer>> listen_as_ollama(api::Api& api) const {
    if (!ollama_.wanted) return std::unique_ptr<net::HttpServer>();
    net::ServerOptions options{.hosts = {ollama_address_.host}, .port = ollama_address_.port};
    options.error_response = api::Api::server_error;
    return listen(std::move(options), api, &api::Api::handle_ollama);
  }

  // Nothing where nobody asked for it.
  Result<std::unique_ptr<net::HttpServer>> listen_for_metrics(api::Api& api) const {
    if (metrics_port_ == 0) return std::unique_ptr<net::HttpServer>();
    SAMOVAR_ASSIGN(const uint16_t port, port_of("--metrics-port", metrics_port_));
    constexpr size_t kMaxBodyBytes = 4096;  // it takes none
    net::ServerOptions options{.hosts = split_list(hosts_),
                               .port = port,
                               .max_body_bytes = kMaxBodyBytes,
                               .bodies = bodies_};
    std::erase_if(options.hosts, [](const std::string& host) { return host.ends_with(".sock"); });
    return net::HttpServer::listen(std::move(options),
                                   [&api](const net::Request& request, const net::Responder& r) {
                                     api.handle_metrics(request, r);
                                   });
  }

  Result<std::unique_ptr<net::HttpServer>> listen(net::ServerOptions options, api::Api& api,
                                                  void (api::Api::*handle)(net::Request,
                                                                           net::Responder)) const {
    options.bodies = bodies_;
    options.max_connections_per_ip = n_per_address_;
    options.decorate = [&api](const net::Request& request, net::Headers& response) {
      api.add_headers(request, response);
    };
    options.on_access = [&api](const net::AccessRecord& record) { api.on_access(record); };
    return net::HttpServer::listen(std::move(options),
                                   [&api, handle](net::Request request, net::Responder responder) {
                                     (api.*handle)(std::move(request), std::move(responder));
                                   });
  }

  // The line that scripts around local-llm wait for.
  void say_running() const {
    for (const std::string& host : split_list(hosts_)) {
      const std::string words =
          fmt::format("Uvicorn running on http://{}:{} (Press CTRL+C to quit)", host, port_);
      log::info("{}", words);
      tell("INFO:     {}\n", words);
    }
  }

  std::optional<ServerRegistration> register_server(const net::HttpServer& server,
                                                    const Environment& environment) const {
    auto registration = ServerRegistration::create(store_options(environment).state_dir,
                                                   {.pid = getpid(),
                                                    .model = models_.summary(),
                                                    .url = server.addresses().front(),
                                                    .started_unix_s = system_clock().unix_s()});
    if (registration.ok()) return *std::move(registration);
    log::warning("`samovar ps` will not show this server: {}", registration.status().message());
    return std::nullopt;
  }

  // `second` may be null; what it answers needs the threads of `server`, so that ends last.
  void drain(api::Api& api, net::HttpServer& server, net::HttpServer* second) const {
    tell("ending: up to {} s for running answers\n", drain_s_);
    const int64_t end_us = system_clock().monotonic_us() + drain_s_ * 1'000'000;
    server.stop_accepting();
    api.drain();
    bool all_ended = second == nullptr || second->drain(drain_s_ * 1000);
    const int64_t left_us = std::max<int64_t>(0, end_us - system_clock().monotonic_us());
    all_ended = server.drain(left_us / 1000) && all_ended;
    if (!all_ended) tell("some answers were cut\n");
    api.registry().stop();
    api.finish_work();
    if (second != nullptr) second->stop();
    server.stop();
  }

  std::shared_ptr<net::BodyBudget> bodies_;
  size_t n_per_address_ = 0;
  AddressLimit address_limit_;
  ServeModels models_;
  ModelOptions model_;  // of all models; whose is said elsewhere
  SamplingFlags sampling_;
  ReasoningFlags reasoning_;
  PeerOptions peer_;
  OllamaPort ollama_;
  OllamaAddress ollama_address_;
  std::string hosts_ = "127.0.0.1", aliases_, tags_, prefix_, api_keys_, api_key_file_,
              allowed_hosts_, cors_origins_, template_file_, pooling_, throughput_ = "scrape";
  int64_t port_ = 8080, metrics_port_ = 0, drain_s_ = 30, n_slots_ = 0, queue_timeout_s_ = 0;
  bool insecure_open_ = false, no_speculation_ = false, metrics_ = false, metrics_public_ = false,
       slots_ = false, no_slots_ = false, props_ = false, no_page_ = false, spm_infill_ = false,
       verbose_ = false, as_llama_server_ = false, as_local_llm_ = false, kv_unified_ = false;
};

}  // namespace

std::unique_ptr<Command> make_serve() {
  return std::make_unique<Serve>();
}

}  // namespace samovar::cli
