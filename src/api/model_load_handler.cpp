// Loading and unloading by hand: POST /models/load and /models/unload, as llama-server's router has
// them. Both answer at once; GET /models tells how it went.
#include "api/api.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

net::Response success() {
  return net::Response::json(200, json::dump({{"success", true}}));
}

}  // namespace

net::Response Api::load_model(const net::Request& request) const {
  if (const auto error = not_ready()) return error_response(*error, request.path);
  ApiError error;
  const auto source = body_model(request, error);
  if (!source) return error_response(error, request.path);
  if (registry_->peek(source->id) != nullptr) {
    return error_response(bad_field("model", "model_already_loaded",
                                    fmt::format("model '{}' is loaded already", source->id)),
                          request.path);
  }
  const Status waits =
      registry_->wait({.source = *source, .on_end = [](const Result<ServedPointer>&) {}});
  return waits.ok() ? success() : error_response(from_status(waits), request.path);
}

net::Response Api::unload_model(const net::Request& request) const {
  ApiError error;
  const auto source = body_model(request, error);
  if (!source) return error_response(error, request.path);
  if (registry_->unload(source->id)) return success();
  const bool stays = registry_->peek(source->id) != nullptr;
  return error_response(
      bad_field(
          "model", stays ? "model_stays" : "model_not_loaded",
          fmt::format("model '{}' {}", source->id,
                      stays ? "was named at start and stays (--allow-unload)" : "is not loaded")),
      request.path);
}

}  // namespace samovar::api
