#include "api/api.h"

#include "api/build_info.h"
#include "api/web_page.h"
#include "json/json.h"
#include "net/sse.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::api {

enum class Access : uint8_t { kPublic, kKey };

// One path: what it answers to GET (plain) or to POST (inference), and who may ask.
struct Api::Route {
  std::string_view path;
  Access access;
  net::Response (Api::*plain)(const net::Request&) const = nullptr;
  Inference inference = nullptr;
};

const Api::Route* Api::find_route(std::string_view path) {
  static constexpr std::array kRoutes = {
      Route{.path = "/", .access = Access::kPublic, .plain = &Api::page},
      Route{.path = "/health", .access = Access::kPublic, .plain = &Api::health},
      Route{.path = "/v1/health", .access = Access::kPublic, .plain = &Api::health},
      Route{.path = "/livez", .access = Access::kPublic, .plain = &Api::liveness},
      Route{.path = "/readyz", .access = Access::kPublic, .plain = &Api::readiness},
      Route{.path = "/metrics", .access = Access::kKey, .plain = &Api::metrics_text},
      Route{.path = "/models", .access = Access::kKey, .plain = &Api::models},
      Route{.path = "/v1/models", .access = Access::kKey, .plain = &Api::models},
      Route{.path = "/chat/completions", .access = Access::kKey, .inference = &Api::chat},
      Route{.path = "/v1/chat/completions", .access = Access::kKey, .inference = &Api::chat},
      Route{.path = "/v1/completions", .access = Access::kKey, .inference = &Api::complete},
  };
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path.starts_with("/v1/models/")) path = "/v1/models";
  if (is_web_file(path)) path = "/";
  const auto found = std::find_if(kRoutes.begin(), kRoutes.end(),
                                  [&](const Route& route) { return route.path == path; });
  return found == kRoutes.end() ? nullptr : &*found;
}

Api::Api(ApiOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock), started_unix_s_(clock.unix_s()) {
  metrics_ = std::make_unique<ServerMetrics>([this] { return served(); });
}

Api::~Api() = default;

void Api::set_model(std::shared_ptr<const ServedModel> model) {
  MutexLock lock(mutex_);
  served_ = std::move(model);
}

std::shared_ptr<const ServedModel> Api::served() const {
  MutexLock lock(mutex_);
  return served_;
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
  const Route* route = find_route(record.path);
  metrics_->count_request(route == nullptr ? "other" : route->path, record.status);
}

void Api::handle(net::Request request, net::Responder responder) {
  if (request.method == net::Method::kOptions) {
    return responder.send(net::preflight_response(options_.cors, request.headers));
  }
  if (options_.check_host && !net::host_allowed(request.headers, options_.extra_hosts)) {
    return responder.send(error_response(
        {.http = 403,
         .type = "permission_error",
         .message =
             "this server answers only to local host names; start it with --api-key or name the "
             "host with --allow-host"},
        request.path));
  }
  const Route* route = find_route(request.path);
  if (route == nullptr) {
    return responder.send(error_response(
        {.http = 404, .type = "not_found_error", .message = "File Not Found"}, request.path));
  }
  if (route->access == Access::kKey && !options_.keys.empty() &&
      !options_.keys.match(request.headers)) {
    return responder.send(error_response({.http = 401,
                                          .type = "authentication_error",
                                          .code = "invalid_api_key",
                                          .message = "Invalid API Key"},
                                         request.path));
  }
  answer(*route, request, std::move(responder));
}

void Api::answer(const Route& route, const net::Request& request, net::Responder responder) {
  const bool reads = request.method == net::Method::kGet || request.method == net::Method::kHead;
  const bool posts = request.method == net::Method::kPost;
  if (route.plain != nullptr && reads) return responder.send((this->*route.plain)(request));
  if (route.inference != nullptr && posts)
    return infer(route.inference, request, std::move(responder));
  net::Response refused = error_response(
      {.http = 405,
       .code = "method_not_allowed",
       .message = fmt::format("{} is not allowed on {}", request.method_text, request.path)},
      request.path);
  refused.headers.set("Allow", route.plain != nullptr ? "GET, HEAD, OPTIONS" : "POST, OPTIONS");
  responder.send(std::move(refused));
}

void Api::infer(Inference inference, const net::Request& request, net::Responder responder) {
  if (const auto error = not_ready()) return responder.send(error_response(*error, request.path));
  (this->*inference)(request, *served(), std::move(responder));
}

void Api::start(const net::Request& request, const ServedModel& served,
                std::unique_ptr<AnswerShape> shape, GenerationFields fields,
                std::vector<int32_t> prompt, net::Responder responder) {
  GenerationOptions options{.delivery = fields.stream ? Delivery::kStream : Delivery::kWhole,
                            .stop = std::move(fields.stop),
                            .path = request.path};
  engine::Request work{.prompt = std::move(prompt),
                       .sampling = std::move(fields.sampling),
                       .max_tokens = fields.max_tokens,
                       .ignore_end = fields.ignore_end};
  std::make_shared<Generation>(served.model, std::move(shape), std::move(options),
                               std::move(responder), poster_)
      ->start(*served.engine, std::move(work));
}

AnswerHead Api::answer_head(std::string_view id_prefix) const {
  return {.id = make_id(id_prefix), .model = options_.model_id, .created_unix_s = clock_.unix_s()};
}

std::optional<ApiError> Api::not_ready() const {
  const char* why = draining_             ? "the server is shutting down"
                    : served() == nullptr ? "Loading model"
                                          : nullptr;
  if (why == nullptr) return std::nullopt;
  return ApiError{.http = 503, .type = "unavailable_error", .message = why};
}

net::Response Api::health(const net::Request& request) const {
  if (const auto error = not_ready()) return error_response(*error, request.path);
  const auto model = served();
  const int64_t busy = model->engine->stats().requests_processing.load(std::memory_order_relaxed);
  return net::Response::json(200,
                             json::dump({{"status", "ok"},
                                         {"slots_idle", model->engine->options().n_slots - busy},
                                         {"slots_processing", busy}}));
}

net::Response Api::liveness(const net::Request&) const {
  return net::Response::text(200, "ok\n");
}

net::Response Api::readiness(const net::Request& request) const {
  if (const auto error = not_ready()) return error_response(*error, request.path);
  return net::Response::text(200, "ok\n");
}

net::Response Api::metrics_text(const net::Request&) const {
  net::Response response = net::Response::text(200, metrics_->expose());
  response.headers.set("Content-Type", std::string(metrics::kContentType));
  response.headers.set("Process-Start-Time-Unix", std::to_string(started_unix_s_));
  return response;
}

net::Response Api::page(const net::Request& request) const {
  return web_file(request.path, request.headers);
}

}  // namespace samovar::api
