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

std::string error_body(const ApiError& error, std::string_view path) {
  const auto text_or_null = [](const std::string& text) {
    return text.empty() ? json::Value() : json::Value(text);
  };
  if (error_family(path) == ErrorFamily::kOllama) return json::dump({{"error", error.message}});
  json::Value inner = {{"message", error.message},
                       {"type", error.type},
                       {"param", text_or_null(error.param)},
                       {"code", text_or_null(error.code)}};
  if (error_family(path) == ErrorFamily::kNative) inner["code"] = error.http;
  if (error.n_prompt_tokens) inner["n_prompt_tokens"] = *error.n_prompt_tokens;
  if (error.n_ctx) inner["n_ctx"] = *error.n_ctx;
  return json::dump({{"error", std::move(inner)}});
}

net::Response error_response(const ApiError& error, std::string_view path, int64_t retry_after_s) {
  net::Response response = net::Response::json(error.http, error_body(error, path));
  if (error.http == 429 || error.http == 503) {
    response.headers.set("Retry-After", std::to_string(retry_after_s));
  }
  return response;
}

}  // namespace samovar::api
