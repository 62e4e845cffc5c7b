#include "api/error.h"

#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

std::string_view type_of(Code code) {
  switch (code) {
    case Code::kBusy:
    case Code::kResourceExhausted:
      return "unavailable_error";
    case Code::kNotFound:
      return "not_found_error";
    case Code::kInternal:
    case Code::kCorrupt:
      return "server_error";
    default:
      return "invalid_request_error";
  }
}

// As Anthropic's clients know them.
std::string_view anthropic_type(const ApiError& error) {
  switch (error.http) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return error.http < 500 ? "invalid_request_error" : "api_error";
  }
}

net::Response shaped(const ApiError& error, std::string body, int64_t retry_after_s) {
  net::Response response = net::Response::json(error.http, std::move(body));
  if (error.http == 429 || error.http == 503) {
    response.headers.set("Retry-After", std::to_string(retry_after_s));
  }
  return response;
}

}  // namespace

ApiError bad_field(std::string_view param, std::string_view code, std::string message) {
  return {.code = std::string(code), .param = std::string(param), .message = std::move(message)};
}

ApiError unsupported_parameter(std::string_view param, std::string message) {
  return bad_field(param, "unsupported_parameter", std::move(message));
}

ApiError from_status(const Status& status) {
  // A file that went bad under a running server is the server's trouble, not the client's.
  const int http = status.code() == Code::kCorrupt ? 500 : http_status(status.code());
  return {.http = http,
          .type = std::string(type_of(status.code())),
          .code = http == 413 ? "payload_too_large" : "",
          .message = std::string(status.message())};
}

ApiError not_supported(std::string message) {
  return {.http = 501, .type = "not_supported_error", .message = std::move(message)};
}

ApiError foreign_host() {
  return {.http = 403,
          .type = "permission_error",
          .message =
              "this server answers only to local host names; start it with --api-key or name the "
              "host with --allow-host"};
}

ApiError invalid_api_key() {
  return {.http = 401,
          .type = "authentication_error",
          .code = "invalid_api_key",
          .message = "Invalid API Key"};
}

ErrorFamily error_family(std::string_view path) {
  if (path.starts_with("/api/")) return ErrorFamily::kOllama;
  if (path == "/v1/messages" || path.starts_with("/v1/messages/")) return ErrorFamily::kAnthropic;
  return path.starts_with("/v1/") ? ErrorFamily::kOpenAi : ErrorFamily::kNative;
}

ApiError no_such_model(std::string_view name, std::string_view path) {
  const bool ollama = error_family(path) == ErrorFamily::kOllama;
  return {.http = 404,
          .code = "model_not_found",
          .param = "model",
          .message = ollama ? fmt::format("model '{}' not found", name)
                            : fmt::format("The model `{}` does not exist", name)};
}

std::string error_body(const ApiError& error, std::string_view path, std::string_view request_id) {
  const auto text_or_null = [](std::string_view text) {
    return text.empty() ? json::Value() : json::Value(text);
  };
  const ErrorFamily family = error_family(path);
  if (family == ErrorFamily::kOllama) return json::dump({{"error", error.message}});
  if (family == ErrorFamily::kAnthropic) {
    return json::dump({{"type", "error"},
                       {"error", {{"type", anthropic_type(error)}, {"message", error.message}}},
                       {"request_id", text_or_null(request_id)}});
  }
  json::Value inner = {{"message", error.message},
                       {"type", error.type},
                       {"param", text_or_null(error.param)},
                       {"code", text_or_null(error.code)}};
  if (family == ErrorFamily::kNative) inner["code"] = error.http;
  if (error.n_prompt_tokens) inner["n_prompt_tokens"] = *error.n_prompt_tokens;
  if (error.n_ctx) inner["n_ctx"] = *error.n_ctx;
  return json::dump({{"error", std::move(inner)}});
}

net::Response error_response(const ApiError& error, std::string_view path, int64_t retry_after_s) {
  return shaped(error, error_body(error, path), retry_after_s);
}

net::Response error_response(const ApiError& error, const net::Request& request) {
  return shaped(error, error_body(error, request.path, request.id), 1);
}

}  // namespace samovar::api
