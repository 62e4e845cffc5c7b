// ApiError: what a client gets instead of an answer, in OpenAI's shape.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "net/http_types.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::api {

struct ApiError {
  int http = 400;
  std::string type = "invalid_request_error";
  std::string code;   // empty: null
  std::string param;  // path of the field, as "messages[2].content"; empty: null
  std::string message;
  // Set for a prompt that is longer than the context.
  std::optional<int64_t> n_prompt_tokens, n_ctx;
};

ApiError bad_field(std::string_view param, std::string_view code, std::string message);
ApiError unsupported_parameter(std::string_view param, std::string message);
// 501: the route needs a start flag or an ability of the model that is not there.
ApiError not_supported(std::string message);
// 404 in the words of the path's family: Ollama's clients pull what is not found.
ApiError no_such_model(std::string_view name, std::string_view path);
// 403 to a foreign Host header, and 401 to a missing or wrong key.
ApiError foreign_host();
ApiError invalid_api_key();
// By the status' code: http_status() and the type that goes with it.
ApiError from_status(const Status& status);

// Who reads an error: each family of clients has its own shape.
enum class ErrorFamily : uint8_t {
  kOpenAi,     // {"error": {"message", "type", "param", "code", ...}}, `code` a string or null
  kNative,     // llama-server's: the same, `code` the HTTP status
  kOllama,     // {"error": "text"}
  kAnthropic,  // {"type": "error", "error": {"type", "message"}, "request_id"}
};
ErrorFamily error_family(std::string_view path);

// The body in the shape of the path's family. One line, no final line feed. `request_id`: empty
// where it is not known.
std::string error_body(const ApiError& error, std::string_view path,
                       std::string_view request_id = "");
// With Retry-After for 429 and 503, and the OpenAI body.
net::Response error_response(const ApiError& error, std::string_view path,
                             int64_t retry_after_s = 1);
net::Response error_response(const ApiError& error, const net::Request& request);

}  // namespace samovar::api
