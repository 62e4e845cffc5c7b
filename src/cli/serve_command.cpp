// samovar serve: the HTTP server around one model.
#include "api/api.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/ollama_port.h"
#include "cli/peer_options.h"
#include "cli/reasoning_flags.h"
#include "cli/running_servers.h"
#include "cli/sampling_flags.h"
#include "cli/session.h"
#include "net/http_server.h"
#include "store/catalog.h"
#include "store/store.h"
#include "sys/file.h"

#include <algorithm>
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
    flags.also_from("LLAMA_ARG_MODEL");
    flags.add("--hf-repo", &hf_repo_, "the same: a repository's name, user/name[:QUANT]");
    flags.also_from("LLAMA_ARG_HF_REPO");
    declare_model_flags(flags, model_);
    flags.add("--chat-template-file", &template_file_, "a file with the template to use instead");
    flags.add("--parallel", &n_slots_,
              "requests at work together; more wait in a queue; 4 if none");
    flags.also_from("LLAMA_ARG_N_PARALLEL");
    flags.add("--cache-tokens", &model_.n_cache_tokens,
              "tokens of the KV cache that they share; 0: what fits in memory");
    flags.add("-b,--batch-size", &model_.max_batch_rows, "prompt tokens of one step at most");
    flags.also_from("LLAMA_ARG_BATCH");
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
              "until --metrics, --ctx-size is shared by the slots");
    flags.add("--kv-unified", &kv_unified_, "with --as-llama-server: each slot may use all of it");
    peer_.declare(flags);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(settle());
    SAMOVAR_ASSIGN(api::ApiOptions options, api_options());
    SAMOVAR_TRY(settle_ollama(options, environment));
    const std::shared_ptr<const store::Store> models = options.models;
    SAMOVAR_TRY(check_exposure(!options.keys.empty()));
    api::Api api(std::move(options));
    std::atomic<bool> told_to_end{false};  // outlives the server, whose threads set it
    SAMOVAR_ASSIGN(const auto server, listen(api));
    SAMOVAR_ASSIGN(const auto ollama_server, listen_as_ollama(api));
    api.set_poster([&server](std::function<void()> task) { server->post(std::move(task)); });
    api.set_timer([&server](int64_t delay_ms, std::function<void()> task) {
      server->after(delay_ms, std::move(task));
    });
    SAMOVAR_TRY(server->on_signals({SIGINT, SIGTERM}, [&](int) {
      told_to_end = true;
      told_to_end.notify_all();
    }));
    server->start();
    if (ollama_server) ollama_server->start();

    const int64_t start_us = system_clock().monotonic_us();
    auto session = open_session(model_, *models, environment);
    if (!session.ok()) {
      server->stop();
      return std::move(session).status();
    }
    api.set_model(session->served);
    announce(*server, *session, system_clock().monotonic_us() - start_us);
    if (ollama_server) {
      fmt::print(stderr, "listening on {} as Ollama does\n", ollama_server->addresses().front());
    }
    const auto registration = register_server(*server, environment);
    told_to_end.wait(false);
    drain(api, *server, ollama_server.get(), *session);
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
  }

  void declare_routes(Flags& flags) {
    flags.add(
        "-a,--alias", &aliases_,
        "the model's name in the API, or a list with commas: the first in the alphabet is it");
    flags.also_from("LLAMA_ARG_ALIAS");
    flags.add("--tags", &tags_, "words listed with the model, with commas");
    flags.add("--metrics", &metrics_, "serve /metrics (it is, but for --as-llama-server)");
    flags.also_from("LLAMA_ARG_ENDPOINT_METRICS");
    flags.add("--slots", &slots_, "serve /slots (it is)");
    flags.add("--no-slots", &no_slots_, "do not serve /slots");
    flags.add("--props", &props_, "take changes at /props");
    flags.also_from("LLAMA_ARG_ENDPOINT_PROPS");
    flags.add("--no-ui", &no_page_, "do not serve the chat page");
    flags.add("--spm-infill", &spm_infill_, "the suffix stands first where text is filled in");
  }

  // What several flags decide together.
  Status settle() {
    if (!hf_repo_.empty()) model_.model = hf_repo_;
    if (!template_file_.empty()) {
      SAMOVAR_ASSIGN(model_.chat_format, sys::read_file(template_file_, uint64_t{1} << 20));
    }
    if (!prefix_.empty() && (!prefix_.starts_with('/') || prefix_.ends_with('/'))) {
      return invalid_argument(
          fmt::format("--api-prefix: expected /SOMETHING, found `{}`", prefix_));
    }
    model_.n_slots = n_slots_ > 0 ? n_slots_ : kDefaultSlots;
    if (as_llama_server_ && model_.n_ctx > 0) {
      model_.n_cache_tokens = model_.n_ctx;
      const bool unified = kv_unified_ || n_slots_ <= 0;
      if (!unified) model_.n_ctx = std::max<int64_t>(1, model_.n_ctx / model_.n_slots);
    }
    if (verbose_) {
      for (const std::string& name : peer_.given())
        fmt::print(stderr, "{}: without effect\n", name);
    }
    return {};
  }

  Result<api::ApiOptions> api_options() const {
    api::ApiOptions options{.model_id = model_id()};
    SAMOVAR_ASSIGN(options.defaults.sampling, sampling_.params());
    options.defaults.seed = sampling_.seed();
    options.defaults.verbose = verbose_;
    options.defaults.speculate = !no_speculation_;
    options.defaults.max_tokens = sampling_.n_predict();
    SAMOVAR_ASSIGN(options.defaults.reasoning, reasoning_.defaults());
    options.tools = reasoning_.takes_tools();
    options.aliases = split(aliases_);
    options.tags = split(tags_);
    options.prefix = prefix_;
    options.page = !no_page_;
    options.metrics = metrics_ || !as_llama_server_;
    options.slots = !no_slots_;
    options.props = props_;
    options.spm_infill = spm_infill_;
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

  Status settle_ollama(api::ApiOptions& options, const Environment& environment) {
    if (!ollama_.version.empty()) options.ollama_version = ollama_.version;
    SAMOVAR_ASSIGN(store::Store models, store::Store::open(store_options(environment)));
    options.models = std::make_shared<const store::Store>(std::move(models));
    if (!ollama_.wanted) return {};
    SAMOVAR_ASSIGN(ollama_address_, ollama_.address(environment));
    options.check_host = options.keys.empty() && exposed_host().empty();
    return {};
  }

  // The first address that others can reach; empty when all are local.
  std::string exposed_host() const {
    std::vector<std::string> hosts = split(hosts_);
    if (ollama_.wanted) hosts.push_back(ollama_address_.host);
    for (const std::string& host : hosts) {
      if (!host.ends_with(".sock") && !net::is_loopback_host(host)) return host;
    }
    return {};
  }

  // Everybody in the network could ask: that must be somebody's decision.
  Status check_exposure(bool has_keys) const {
    const std::string host = exposed_host();
    if (has_keys || host.empty()) return {};
    if (insecure_open_ || as_llama_server_) {
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
    return listen({.hosts = split(hosts_), .port = static_cast<uint16_t>(port_)}, api,
                  &api::Api::handle);
  }

  // Nothing where nobody asked for Ollama's port.
  Result<std::unique_ptr<net::HttpServer>> listen_as_ollama(api::Api& api) const {
    if (!ollama_.wanted) return std::unique_ptr<net::HttpServer>();
    return listen({.hosts = {ollama_address_.host}, .port = ollama_address_.port}, api,
                  &api::Api::handle_ollama);
  }

  static Result<std::unique_ptr<net::HttpServer>> listen(net::ServerOptions options, api::Api& api,
                                                         void (api::Api::*handle)(net::Request,
                                                                                  net::Responder)) {
    options.error_response = api::Api::server_error;
    options.decorate = [&api](const net::Request& request, net::Headers& response) {
      api.add_headers(request, response);
    };
    options.on_access = [&api](const net::AccessRecord& record) { api.on_access(record); };
    return net::HttpServer::listen(std::move(options),
                                   [&api, handle](net::Request request, net::Responder responder) {
                                     (api.*handle)(std::move(request), std::move(responder));
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

  // `second` may be null; what it answers needs the threads of `server`, so that ends last.
  void drain(api::Api& api, net::HttpServer& server, net::HttpServer* second,
             const Session& session) const {
    fmt::print(stderr, "ending: up to {} s for running answers\n", drain_s_);
    const int64_t end_us = system_clock().monotonic_us() + drain_s_ * 1'000'000;
    server.stop_accepting();
    api.drain();
    bool all_ended = second == nullptr || second->drain(drain_s_ * 1000);
    const int64_t left_us = std::max<int64_t>(0, end_us - system_clock().monotonic_us());
    all_ended = server.drain(left_us / 1000) && all_ended;
    if (!all_ended) fmt::print(stderr, "some answers were cut\n");
    session.served->engine->stop();
    if (second != nullptr) second->stop();
    server.stop();
  }

  // What clients call the model: the first alias, else the name as given, of a path the file's.
  std::string model_id() const {
    const std::vector<std::string> names = split(aliases_);
    if (!names.empty()) return *std::min_element(names.begin(), names.end());
    return model_.model.substr(model_.model.find_last_of('/') + 1);
  }

  static std::vector<std::string> split(const std::string& list);

  static constexpr int64_t kDefaultSlots = 4;

  ModelOptions model_{.model = std::string(store::kDefaultModel)};
  SamplingFlags sampling_;
  ReasoningFlags reasoning_;
  PeerOptions peer_;
  OllamaPort ollama_;
  OllamaAddress ollama_address_;
  std::string hosts_ = "127.0.0.1", aliases_, tags_, prefix_, api_keys_, api_key_file_,
              allowed_hosts_, cors_origins_, hf_repo_, template_file_;
  int64_t port_ = 8080, drain_s_ = 30, n_slots_ = 0;
  bool insecure_open_ = false, no_speculation_ = false, metrics_ = false, slots_ = false,
       no_slots_ = false, props_ = false, no_page_ = false, spm_infill_ = false, verbose_ = false,
       as_llama_server_ = false, kv_unified_ = false;
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
