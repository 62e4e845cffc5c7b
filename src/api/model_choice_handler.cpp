// Which model a request is for, and how it gets it: at once, or after a load.
#include "api/api.h"
#include "api/body.h"
#include "api/constraint_fields.h"
#include "api/ollama_call.h"
#include "api/ollama_request.h"
#include "api/ollama_shape.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

ApiError not_loaded(const std::string& id) {
  return bad_field("model", "model_not_loaded",
                   fmt::format("model '{}' is not loaded, and requests do not load models here "
                               "(--no-models-autoload): POST /models/load does",
                               id));
}

}  // namespace

void Api::set_model(ServedPointer model) {
  if (model == nullptr) return registry_->stop();
  registry_->adopt(options_.names.named.front(), std::move(model));
  set_ready();
}

const std::string& Api::id_of(const ServedModel& served) const {
  return served.id.empty() ? options_.model_id : served.id;
}

std::optional<ModelSource> Api::named_model(const std::string& name, std::string_view path,
                                            ApiError& error) const {
  auto source = name.empty() ? names_->standard() : names_->find(name);
  if (source) return source;
  error = name.empty() ? bad_field("model", "missing_required_parameter",
                                   "`model` is missing, and there is no default: GET /v1/models "
                                   "lists what there is")
                       : no_such_model(name, path);
  return std::nullopt;
}

std::optional<ModelSource> Api::body_model(const net::Request& request, ApiError& error) const {
  const auto body = parse_body(request, error);
  if (!body) return std::nullopt;
  Fields fields(*body);
  const std::string name = fields.string("model", "");
  if (fields.error()) {
    error = *fields.error();
    return std::nullopt;
  }
  return named_model(name, request.path, error);
}

// The only model there is answers to any name.
std::optional<ModelSource> Api::chosen_model(const net::Request& request, ApiError& error) const {
  const ModelSource* const only = names_->only();
  return only != nullptr ? *only : body_model(request, error);
}

void Api::infer(Inference inference, const net::Request& request, net::Responder responder) {
  if (const auto error = takes_nothing_new()) {
    return responder.send(error_response(*error, request.path, registry_->retry_after_s()));
  }
  ApiError error;
  const auto source = chosen_model(request, error);
  if (!source) return responder.send(error_response(error, request.path));
  with_model(*source, request, std::move(responder),
             [this, inference](const net::Request& asked, const ServedPointer& served,
                               net::Responder answer) {
               perform(inference, {asked, served, std::move(answer)});
             });
}

void Api::perform(Inference inference, const Call& call) {
  ApiError error;
  auto parsed = parse_body(call.request, error);
  if (!parsed) return call.refuse(error);
  const auto body = std::make_shared<const json::Value>(*std::move(parsed));
  go_on_with(*body, call,
             [this, inference, body](const net::Request& asked, const ServedPointer& served,
                                     net::Responder answer) {
               Fields fields(*body);
               (this->*inference)({asked, served, std::move(answer)}, fields);
             });
}

void Api::go_on_with(const json::Value& body, const Call& call, GoOn go_on) {
  // Long ones are off it already.
  const bool stays = options_.compile_threads == 0 || is_long(call.request) || !asks_for_form(body);
  if (stays) return go_on(call.request, call.served, call.responder);
  run_long(compiling_, call.responder, call.request.path,
           [request = call.request, served = call.served, responder = call.responder,
            go_on = std::move(go_on)] { go_on(request, served, responder); });
}

// Ollama's: they wait while the server starts, too (ApiOptions::waits_for_start), and a model that
// is not there is theirs to pull.
void Api::infer_patiently(Patient inference, const net::Request& request,
                          net::Responder responder) {
  const int64_t arrived_us = clock_.monotonic_us();
  const auto refuse = [&](const ApiError& error) {
    responder.send(error_response(error, request.path));
  };
  const bool may_wait = !draining_ && !ready_ && options_.waits_for_start;
  if (const auto error = takes_nothing_new(); error && !may_wait) return refuse(*error);
  if (request.body.empty()) return refuse({.message = "missing request body"});
  ApiError error;
  auto parsed = parse_body(request, error);
  if (!parsed) return refuse(error);
  const auto body = std::make_shared<const json::Value>(*std::move(parsed));
  Fields fields(*body);
  const std::string name = read_ollama_model(fields);
  if (fields.error()) return refuse(*fields.error());
  const auto source = named_model(name, request.path, error);
  if (!source) return refuse(error);
  const OllamaRoute route =
      inference == &Api::ollama_chat ? OllamaRoute::kChat : OllamaRoute::kGenerate;
  // Nothing is loaded only to be unloaded.
  if (only_unloads(*body) && registry_->peek(source->id) == nullptr) {
    return responder.send(
        net::Response::json(200, json::dump(ollama_load_answer(route, name, "unload", clock_))));
  }
  with_model(*source, request, std::move(responder),
             [this, inference, body, arrived_us, route, name](
                 const net::Request& asked, const ServedPointer& served, net::Responder answer) {
               const int64_t loaded_us = clock_.monotonic_us();
               go_on_with(*body, {asked, served, std::move(answer)},
                          [this, inference, body, arrived_us, loaded_us, route, name](
                              const net::Request& request_on, const ServedPointer& served_on,
                              net::Responder answer_on) {
                            call_ollama(inference, *body,
                                        {{request_on, served_on, std::move(answer_on)},
                                         arrived_us,
                                         loaded_us,
                                         route,
                                         name});
                          });
             });
}

// At once where the model is there; else once it is.
void Api::with_model(const ModelSource& source, const net::Request& request,
                     net::Responder responder, GoOn go_on) {
  if (const ServedPointer model = registry_->lease(source.id)) {
    return go_on(request, model, std::move(responder));
  }
  const bool may_load = options_.autoload || !ready_ || registry_->loading() == source.id;
  if (!may_load && registry_->peek(source.id) == nullptr) {
    return responder.send(error_response(not_loaded(source.id), request.path));
  }
  const auto asked = std::make_shared<const net::Request>(request);
  const auto go_on_later = [this, asked, responder,
                            go_on = std::move(go_on)](const Result<ServedPointer>& model) {
    if (responder.closed()) return;
    if (model.ok()) return go_on(*asked, *model, responder);
    responder.send(
        error_response(from_status(model.status()), asked->path, registry_->retry_after_s()));
  };
  const Status waits = registry_->wait(
      {.source = source,
       .on_end =
           [this, go_on_later, asked, responder](Result<ServedPointer> model) {
             auto task = [go_on_later, model = std::move(model)] { go_on_later(model); };
             if (is_long(*asked)) {
               run_long(work_, responder, asked->path, std::move(task));
             } else {
               poster_(std::move(task));
             }
           },
       .gone = [responder] { return responder.closed(); }});
  if (!waits.ok()) {
    responder.send(error_response(from_status(waits), request.path, registry_->retry_after_s()));
  }
}

// For GET routes: the loaded model that `?model=` names, else the standard one.
ServedPointer Api::asked_model(const net::Request& request, ApiError& error) const {
  const ModelSource* const only = names_->only();
  std::optional<ModelSource> source;
  if (only != nullptr) {
    source = *only;
  } else {
    source =
        named_model(net::query_value(request.query, "model").value_or(""), request.path, error);
  }
  if (!source) return nullptr;
  ServedPointer model = registry_->peek(source->id);
  if (model == nullptr) {
    error = {.code = "model_not_loaded",
             .param = "model",
             .message = fmt::format("model '{}' is not loaded", source->id)};
  }
  return model;
}

}  // namespace samovar::api
