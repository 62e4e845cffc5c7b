#include "api/api.h"

#include "api/build_info.h"
#include "api/generation_settings.h"
#include "api/model_pulls.h"
#include "api/model_shelf.h"
#include "api/native_shape.h"
#include "api/prompt_fields.h"
#include "api/sampling_keys.h"
#include "api/web_page.h"
#include "json/json.h"
#include "net/sse.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::api {

namespace {

constexpr std::string_view kDescription = "/openapi.json";
constexpr std::string_view kMetrics = "/metrics";
// Of all choices of an answer, each of which shows the settings.
constexpr size_t kMaxSettingsBytes = size_t{8} << 20;

ApiError unknown_path() {
  return {.http = 404, .type = "not_found_error", .message = "File Not Found"};
}

net::Response moved_to(std::string place) {
  net::Response moved = net::Response::text(307, "");
  moved.headers.set("Location", std::move(place));
  return moved;
}

}  // namespace

enum class Access : uint8_t { kPublic, kKey };

// One path: what answers GET and POST there, and who may ask.
struct Api::Route {
  std::string_view path;
  Access access = Access::kKey;
  Plain get = nullptr;
  Inference post = nullptr;
  Plain post_plain = nullptr;  // needs no model
  Patient patient = nullptr;   // POST that waits for the model
  Slow slow = nullptr;         // POST
  Plain remove = nullptr;      // DELETE
  bool reads_disk = false;     // headers of all models, say: not on an I/O thread

  bool allows(net::Method method) const {
    const bool reads = method == net::Method::kGet || method == net::Method::kHead;
    if (method == net::Method::kDelete) return remove != nullptr;
    return reads ? get != nullptr
                 : method == net::Method::kPost && (post != nullptr || post_plain != nullptr ||
                                                    patient != nullptr || slow != nullptr);
  }
  std::string allowed() const {
    return std::string(get != nullptr ? "GET, HEAD, " : "") +
           (allows(net::Method::kPost) ? "POST, " : "") + (remove != nullptr ? "DELETE, " : "") +
           "OPTIONS";
  }
};

std::span<const Api::Route> Api::route_table() {
  constexpr Access kPublic = Access::kPublic;
  static constexpr std::array kRoutes = {
      Route{.path = "/", .access = kPublic, .get = &Api::page},
      Route{.path = "/docs", .access = kPublic, .get = &Api::docs},
      Route{.path = "/redoc", .access = kPublic, .get = &Api::docs},
      Route{.path = "/openapi.json", .access = kPublic, .get = &Api::openapi},
      Route{.path = "/health", .access = kPublic, .get = &Api::health},
      Route{.path = "/v1/health", .access = kPublic, .get = &Api::health},
      Route{.path = "/livez", .access = kPublic, .get = &Api::liveness},
      Route{.path = "/readyz", .access = kPublic, .get = &Api::readiness},
      Route{.path = kMetrics, .get = &Api::metrics_text},
      Route{.path = "/models", .get = &Api::models, .reads_disk = true},
      Route{.path = "/v1/models", .get = &Api::models, .reads_disk = true},
      Route{.path = "/v1/models/{id}", .get = &Api::models, .reads_disk = true},
      Route{.path = "/models/load", .post_plain = &Api::load_model},
      Route{.path = "/models/unload", .post_plain = &Api::unload_model},
      Route{.path = "/props", .get = &Api::props, .post_plain = &Api::set_props},
      Route{.path = "/slots", .get = &Api::slots},
      Route{.path = "/slots/{id}", .post_plain = &Api::not_built},
      Route{.path = "/chat/completions", .post = &Api::chat},
      Route{.path = "/v1/chat/completions", .post = &Api::chat},
      Route{.path = "/chat/completions/input_tokens", .post = &Api::count_chat},
      Route{.path = "/v1/chat/completions/input_tokens", .post = &Api::count_chat},
      Route{.path = "/v1/completions", .post = &Api::complete},
      Route{.path = "/v1/engines/copilot-codex/completions", .post = &Api::complete},
      Route{.path = "/completion", .post = &Api::complete_native},
      Route{.path = "/completions", .post = &Api::complete_native},
      Route{.path = "/infill", .post = &Api::infill},
      Route{.path = "/tokenize", .post = &Api::tokenize},
      Route{.path = "/detokenize", .post = &Api::detokenize},
      Route{.path = "/apply-template", .post = &Api::apply_template},
      Route{.path = "/v1/embeddings", .post = &Api::embed},
      Route{.path = "/embedding", .post = &Api::embed_native},
      Route{.path = "/embeddings", .post = &Api::embed_native},
      Route{.path = "/v1/responses", .post_plain = &Api::not_built},
      Route{.path = "/responses", .post_plain = &Api::not_built},
      Route{.path = "/v1/responses/input_tokens", .post_plain = &Api::not_built},
      Route{.path = "/responses/input_tokens", .post_plain = &Api::not_built},
      Route{.path = "/rerank", .post_plain = &Api::not_built},
      Route{.path = "/reranking", .post_plain = &Api::not_built},
      Route{.path = "/v1/rerank", .post_plain = &Api::not_built},
      Route{.path = "/v1/reranking", .post_plain = &Api::not_built},
      Route{.path = "/lora-adapters", .get = &Api::not_built, .post_plain = &Api::not_built},
      Route{.path = "/v1/audio/transcriptions", .post_plain = &Api::not_built},
      Route{.path = "/api/version", .access = kPublic, .get = &Api::ollama_version},
      Route{.path = "/api/tags", .get = &Api::ollama_tags, .reads_disk = true},
      Route{.path = "/api/ps", .get = &Api::ollama_ps, .reads_disk = true},
      Route{.path = "/api/show", .slow = &Api::ollama_show},
      Route{.path = "/api/generate", .patient = &Api::ollama_generate},
      Route{.path = "/api/chat", .patient = &Api::ollama_chat},
      Route{.path = "/api/pull", .slow = &Api::ollama_pull},
      Route{.path = "/api/delete", .remove = &Api::ollama_delete},
      Route{.path = "/api/copy", .post_plain = &Api::ollama_copy},
      Route{.path = "/api/embed", .patient = &Api::ollama_embed},
      Route{.path = "/api/embeddings", .patient = &Api::ollama_embed},
  };
  return kRoutes;
}

const Api::Route* Api::find_route(std::string_view path) {
  if (path.empty()) path = "/";
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path.starts_with("/v1/models/")) path = "/v1/models/{id}";
  if (path.starts_with("/slots/")) path = "/slots/{id}";
  if (path != kDescription && is_web_file(path)) path = path.starts_with("/docs/") ? "/docs" : "/";
  const auto routes = route_table();
  const auto found = std::find_if(routes.begin(), routes.end(),
                                  [&](const Route& route) { return route.path == path; });
  return found == routes.end() ? nullptr : &*found;
}

std::vector<Api::RouteInfo> Api::routes() {
  std::vector<RouteInfo> out;
  for (const Route& route : route_table()) {
    out.push_back({route.path, route.allowed(), route.access == Access::kKey});
  }
  return out;
}

Api::Api(ApiOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      started_unix_s_(clock.unix_s()),
      max_loaded_(options_.registry.max_loaded),
      compiling_(options_.compile_threads) {
  if (options_.names.named.empty() && !options_.model_id.empty()) {
    options_.names.named.push_back({.id = options_.model_id, .named = true});
  }
  options_.names.aliases = options_.aliases;
  shelf_ = std::make_unique<ModelShelf>(options_.models);
  names_ = std::make_unique<ModelNames>(options_.names, *shelf_);
  registry_ = std::make_unique<ModelRegistry>(std::move(options_.registry), clock_);
  metrics_ =
      std::make_unique<ServerMetrics>(*registry_, options_.model_id, options_.throughput, clock_);
  pulls_ = std::make_unique<ModelPulls>(options_.models);
}

Api::~Api() = default;

void Api::relieve(plan::PressureRung rung) {
  pressure_ = rung;
  if (rung == plan::PressureRung::kNone) return;
  for (const ModelRegistry::View& view : registry_->views()) {
    if (view.model != nullptr && view.model->engine != nullptr) view.model->engine->forget();
  }
  if (rung >= plan::PressureRung::kEndIdle) registry_->end_idle();
}

void Api::drain() {
  draining_ = true;
  registry_->close();
  pulls_->stop();
}

void Api::finish_work() {
  work_.finish();
  compiling_.finish();
  pulls_->finish();
}

net::Response Api::server_error(int status, std::string_view path, std::string_view message) {
  ApiError error{.http = status, .message = std::string(message)};
  if (status == 413) error.code = "payload_too_large";
  if (status >= 500) error.type = status == 503 ? "unavailable_error" : "server_error";
  return error_response(error, path);
}

void Api::add_headers(const net::Request& request, net::Headers& response) const {
  net::add_cors_headers(options_.cors, request.headers, response);
}

void Api::on_access(const net::AccessRecord& record) {
  // By route: what a client writes into a path must not grow the registry.
  const bool was_read = !record.path.empty();
  const Route* route = was_read ? find_route(inner_path(record.path)) : nullptr;
  metrics_->count_request(route == nullptr ? "other" : route->path, record.status);
}

// The path without the server's prefix, empty for the prefix alone; one that lacks it becomes
// unknown.
std::string Api::inner_path(std::string_view path) const {
  const std::string& prefix = options_.prefix;
  if (prefix.empty()) return std::string(path);
  const bool inside =
      path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  if (!inside) return "/outside-of-prefix";
  return std::string(path.substr(prefix.size()));
}

void Api::handle(net::Request request, net::Responder responder) {
  request.path = inner_path(request.path);
  if (request.method == net::Method::kOptions) {
    return responder.send(net::preflight_response(options_.cors, request.headers));
  }
  if (options_.check_host && !net::host_allowed(request.headers, options_.extra_hosts)) {
    return responder.send(error_response(foreign_host(), request));
  }
  const Route* route = find_route(request.path);
  if (route == nullptr) {
    return responder.send(error_response(unknown_path(), request));
  }
  const bool is_open = options_.metrics_public && route->path == kMetrics;
  if (route->access == Access::kKey && !is_open && !options_.keys.empty() &&
      !options_.keys.match(request.headers)) {
    return responder.send(error_response(invalid_api_key(), request));
  }
  if (!route->reads_disk && !is_long(request)) return answer(*route, request, responder);
  const std::string path = request.path;
  run_long(work_, responder, path, [this, route, request = std::move(request), responder] {
    answer(*route, request, responder);
  });
}

void Api::handle_metrics(const net::Request& request, const net::Responder& responder) {
  const bool reads = request.method == net::Method::kGet || request.method == net::Method::kHead;
  responder.send(reads && request.path == kMetrics ? metrics_text(false)
                                                   : error_response(unknown_path(), request.path));
}

void Api::answer(const Route& route, const net::Request& request, net::Responder responder) {
  if (route.allows(request.method)) {
    const bool posts = request.method == net::Method::kPost;
    if (request.method == net::Method::kDelete)
      return responder.send((this->*route.remove)(request));
    if (posts && route.slow != nullptr) return (this->*route.slow)(request, std::move(responder));
    if (posts && route.patient != nullptr) {
      return infer_patiently(route.patient, request, std::move(responder));
    }
    if (posts && route.post != nullptr) return infer(route.post, request, std::move(responder));
    return responder.send((this->*(posts ? route.post_plain : route.get))(request));
  }
  net::Response refused = error_response(
      {.http = 405,
       .code = "method_not_allowed",
       .message = fmt::format("{} is not allowed on {}", request.method_text, request.path)},
      request.path);
  refused.headers.set("Allow", route.allowed());
  responder.send(std::move(refused));
}

// Of a request that comes now: engine::Request::deadline_us.
int64_t Api::queue_deadline_us() const {
  return options_.queue_timeout_us > 0 ? clock_.monotonic_us() + options_.queue_timeout_us : 0;
}

void Api::start(const Call& call, Task task) {
  const ServedPointer& served = call.served;
  GenerationFields& fields = task.fields;
  if (fields.grammar) served->model->token_trie();  // here, so that no step waits for it
  const bool wants_tokens =
      fields.return_tokens || fields.stream || fields.chances.kind != sample::ChanceKind::kNone;
  GenerationOptions options{.delivery = fields.stream ? task.stream : Delivery::kWhole,
                            .choice = {.stop = stop_strings(fields.stop),
                                       .keep_tokens = wants_tokens,
                                       .keep_ids = task.keep_ids,
                                       .max_predict_us = fields.t_max_predict_ms * 1000},
                            .path = call.request.path,
                            .ping_interval_s = fields.ping_interval_s,
                            .reading = task.reading,
                            .echo = std::move(task.echo),
                            .empty_prompts_end = task.empty_prompts_end,
                            .metrics = &metrics_->requests(id_of(*served))};
  std::optional<engine::ContextShift> shift;
  if (fields.context_shift) {
    shift = context_shift(served->model->tokenizer().vocabulary(), fields.n_keep, fields.n_discard);
  }
  GenerationWork work{.prompts = std::move(task.prompts),
                      .n = fields.n,
                      .request = {.sampling = fields.sampling,
                                  .max_tokens = fields.max_tokens,
                                  .n_ctx = fields.n_ctx,
                                  .shift = shift,
                                  .progress = fields.return_progress && fields.stream,
                                  .chances = fields.chances,
                                  .prompt_chances = task.prompt_chances,
                                  .tenant = options_.keys.match(call.request.headers).value_or(0),
                                  .deadline_us = queue_deadline_us(),
                                  .speculate = options_.defaults.speculate,
                                  .grammar = fields.grammar,
                                  .thought = std::move(task.thought)},
                      .settings = json::dump(settings_json(fields, SettingsDetail::kNumbers))};
  std::make_shared<Generation>(served, std::move(task.shape), std::move(work), std::move(options),
                               call.responder, poster_)
      ->start();
}

GenerationDefaults Api::defaults_for(const ServedModel& served) const {
  GenerationDefaults defaults = options_.defaults;
  // Files whose keys are wrong are refused when they are loaded.
  const auto keys = SamplingKeys::from_gguf(served.model->file());
  if (keys.ok()) keys->apply(defaults.sampling_given, defaults.sampling);
  return defaults;
}

OpenAiShapeOptions Api::openai_shape_options(const Task& task, const ServedModel& served) const {
  OpenAiShapeOptions options{.n = task.fields.n,
                             .include_usage = task.fields.include_usage,
                             .timings_per_token = task.fields.timings_per_token,
                             .chances = task.fields.chances.kind,
                             .vocabulary = &served.model->tokenizer().vocabulary()};
  if (task.fields.verbose) options.verbose = native_answer_shape(task, served);
  return options;
}

std::unique_ptr<AnswerShape> Api::native_answer_shape(const Task& task,
                                                      const ServedModel& served) const {
  const tokenizer::Vocabulary& vocabulary = served.model->tokenizer().vocabulary();
  std::string settings = json::dump(settings_json(task.fields, SettingsDetail::kFull));
  const size_t n_choices = task.prompts.size() * static_cast<size_t>(task.fields.n);
  if (settings.size() * n_choices > kMaxSettingsBytes) {
    settings = json::dump(settings_json(task.fields, SettingsDetail::kNumbers));
  }
  NativeShapeOptions options{.model = id_of(served),
                             .n = task.fields.n,
                             .settings = std::move(settings),
                             .return_tokens = task.fields.return_tokens,
                             .timings_per_token = task.fields.timings_per_token,
                             .chances = task.fields.chances.kind,
                             .vocabulary = &vocabulary,
                             .response_fields = task.fields.response_fields};
  for (const auto& prompt : task.prompts) {
    options.prompts.push_back(pieces_text(vocabulary, prompt));
  }
  return native_shape(std::move(options));
}

AnswerHead Api::answer_head(std::string_view id_prefix, const ServedModel& served) const {
  return {.id = make_id(id_prefix), .model = id_of(served), .created_unix_s = clock_.unix_s()};
}

std::optional<ApiError> Api::not_ready() const {
  const char* why = draining_ ? "the server is shutting down" : !ready_ ? "Loading model" : nullptr;
  if (why == nullptr) return std::nullopt;
  return ApiError{.http = 503, .type = "unavailable_error", .message = why};
}

std::optional<ApiError> Api::takes_nothing_new() const {
  if (auto error = not_ready()) return error;
  if (pressure_ != plan::PressureRung::kRefuse) return std::nullopt;
  return ApiError{.http = 503,
                  .type = "unavailable_error",
                  .message = "this machine is short of memory: nothing new is begun for now"};
}

// What a prober hears. While it keeps clients away, nobody else asks for the only model: so it is
// loaded anew for the prober.
std::optional<ApiError> Api::cannot_answer() const {
  if (auto error = not_ready()) return error;
  const ModelSource* const only = names_->only();
  std::string why = only != nullptr ? registry_->failure_of(only->id) : std::string();
  if (why.empty()) return std::nullopt;
  if (registry_->totals().n_waiting == 0) {
    registry_->wait({.source = *only, .on_end = [](const Result<ServedPointer>&) {}})
        .ignore("the next prober asks again");
  }
  return ApiError{.http = 503, .type = "unavailable_error", .message = std::move(why)};
}

net::Response Api::health(const net::Request& request) const {
  if (const auto error = cannot_answer()) return error_response(*error, request.path);
  int64_t n_slots = 0, n_busy = 0;
  registry_->each_loaded([&](const LoadedModelEntry& entry) {
    n_slots += entry.model->engine->options().n_slots;
    n_busy += entry.model->engine->stats().requests_processing.load(std::memory_order_relaxed);
  });
  json::Value out = {{"status", "ok"}};
  if (n_slots > 0) {
    out["slots_idle"] = n_slots - n_busy;
    out["slots_processing"] = n_busy;
  }
  return net::Response::json(200, json::dump(out));
}

net::Response Api::liveness(const net::Request&) const {
  return net::Response::text(200, "ok\n");
}

net::Response Api::readiness(const net::Request& request) const {
  if (const auto error = cannot_answer()) return error_response(*error, request.path);
  return net::Response::text(200, "ok\n");
}

net::Response Api::not_built(const net::Request& request) const {
  return error_response(
      not_supported(fmt::format("{} is not supported by this server", request.path)), request.path);
}

net::Response Api::metrics_text(const net::Request& request) const {
  if (!options_.metrics) {
    return error_response(not_supported("this server was started without --metrics"), request.path);
  }
  return metrics_text(net::query_value(request.query, "reset") != "0");
}

net::Response Api::metrics_text(bool moves_window) const {
  net::Response response = net::Response::text(200, metrics_->expose(moves_window, pressure_));
  response.headers.set("Content-Type", std::string(metrics::kContentType));
  response.headers.set("Process-Start-Time-Unix", std::to_string(started_unix_s_));
  return response;
}

net::Response Api::page(const net::Request& request) const {
  const bool is_prefix = request.path.empty();
  const bool is_page = is_prefix || request.path == "/" || request.path == "/index.html";
  if (is_page && !options_.page) return error_response(unknown_path(), request.path);
  if (is_prefix) {  // the page's links are relative to the path with a slash
    const std::string& prefix = options_.prefix;
    const std::string last = prefix.substr(prefix.rfind('/') + 1);
    return moved_to("./" + net::percent_encode_path(last) + "/");
  }
  return web_file(request.path, request.headers);
}

// /docs and the files below it. They name each other relative to /docs, so that a prefix of all
// paths does not matter.
net::Response Api::docs(const net::Request& request) const {
  constexpr std::string_view kPage = "/docs";
  if (request.path == kPage) return web_file("/docs/index.html", request.headers);
  const bool is_part = request.path.starts_with("/docs/") && !request.path.ends_with('/');
  if (is_part) return web_file(request.path, request.headers);
  return moved_to(request.path == "/redoc" ? "docs" : "../docs");
}

net::Response Api::openapi(const net::Request& request) const {
  return web_file(kDescription, request.headers);
}

}  // namespace samovar::api
