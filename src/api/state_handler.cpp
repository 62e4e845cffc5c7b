// What a server is and does: /props and /slots. Answered without waiting for the engine.
#include "api/api.h"
#include "api/build_info.h"
#include "api/generation_settings.h"
#include "json/json.h"

namespace samovar::api {
namespace {

json::Value slot_json(int64_t id, const engine::SlotView& view, int64_t n_ctx) {
  json::Value out = {{"id", id},
                     {"n_ctx", n_ctx},
                     {"speculative", false},
                     {"is_processing", view.busy},
                     {"state", view.busy ? 1 : 0},
                     {"n_past", view.n_past}};
  if (view.request_id < 0) return out;
  out["id_task"] = view.request_id;
  out["n_prompt_tokens"] = view.n_prompt;
  out["n_prompt_tokens_processed"] = view.n_evaluated;
  out["n_prompt_tokens_cache"] = view.n_reused;
  bool has_new_line = false;
  if (view.note != nullptr) {
    auto settings = json::parse(view.note->settings);
    if (settings.ok()) out["params"] = *std::move(settings);
    has_new_line = view.note->has_new_line.load(std::memory_order_relaxed);
  }
  out["next_token"] = json::Value::array({{{"has_next_token", view.busy},
                                           {"has_new_line", has_new_line},
                                           {"n_remain", view.n_remaining},
                                           {"n_decoded", view.n_decoded}}});
  return out;
}

std::string token_text(const tokenizer::Vocabulary& vocabulary,
                       std::optional<tokenizer::Token> token) {
  return token ? std::string(vocabulary.text(*token)) : std::string();
}

json::Value capabilities_json(const chat::Capabilities& c) {
  return {{"supports_string_content", c.string_content},
          {"supports_typed_content", c.part_content},
          {"supports_system_role", c.system_role},
          {"supports_tools", c.tools},
          {"supports_tool_calls", c.tool_calls},
          {"supports_object_arguments", c.object_arguments}};
}

}  // namespace

net::Response Api::props(const net::Request& request) const {
  if (const auto error = not_ready()) return error_response(*error, request.path);
  if (names_->only() == nullptr && !net::query_value(request.query, "model")) return router_props();
  ApiError error;
  const auto model = asked_model(request, error);
  if (model == nullptr) return error_response(error, request.path);
  const tokenizer::Vocabulary& vocabulary = model->model->tokenizer().vocabulary();
  const engine::Options& engine = model->engine->options();
  const json::Value settings =
      settings_json(default_fields(defaults_for(*model)), SettingsDetail::kNumbers);
  const json::Value out = {
      {"default_generation_settings", {{"params", settings}, {"n_ctx", engine.n_ctx}}},
      {"total_slots", engine.n_slots},
      {"model_alias", id_of(*model)},
      {"model_ftype", model->quantization},
      {"model_path", model->model->file().path()},
      {"modalities", {{"vision", false}, {"video", false}, {"audio", false}}},
      {"media_marker", "<__media__>"},
      {"endpoint_slots", options_.slots},
      {"endpoint_props", options_.props},
      {"endpoint_metrics", options_.metrics},
      {"ui", options_.page},
      {"ui_settings", json::Value::object()},
      {"chat_template", model->format.chat_template->source()},
      {"chat_template_caps", capabilities_json(model->format.capabilities)},
      {"bos_token", token_text(vocabulary, vocabulary.bos())},
      {"eos_token", token_text(vocabulary, vocabulary.eos())},
      {"build_info", build_fingerprint()},
      {"is_sleeping", false},
      {"cors_proxy_enabled", false}};
  return net::Response::json(200, json::dump(out));
}

// Of a server of many models, as long as none is named.
net::Response Api::router_props() const {
  const json::Value out = {{"role", "router"},
                           {"max_instances", max_loaded_},
                           {"models_autoload", options_.autoload},
                           {"endpoint_slots", options_.slots},
                           {"endpoint_props", options_.props},
                           {"endpoint_metrics", options_.metrics},
                           {"ui", options_.page},
                           {"build_info", build_fingerprint()}};
  return net::Response::json(200, json::dump(out));
}

net::Response Api::set_props(const net::Request& request) const {
  if (const auto error = not_ready()) return error_response(*error, request.path);
  if (!options_.props) {
    return error_response(
        not_supported("properties can be changed only if the server was started with --props"),
        request.path);
  }
  return net::Response::json(200, json::dump({{"success", true}}));
}

net::Response Api::slots(const net::Request& request) const {
  if (!options_.slots) {
    return error_response(not_supported("this server was started with --no-slots"), request.path);
  }
  if (const auto error = not_ready()) return error_response(*error, request.path);
  json::Value out = json::Value::array();
  bool any_idle = false;
  const auto add = [&](const ServedModel& model, bool names_it) {
    const std::vector<engine::SlotView> views = model.engine->slots();
    for (size_t i = 0; i < views.size(); ++i) {
      any_idle = any_idle || !views[i].busy;
      out.push_back(slot_json(static_cast<int64_t>(i), views[i], model.engine->options().n_ctx));
      if (names_it) out.back()["model"] = id_of(model);
    }
  };
  if (names_->only() != nullptr || net::query_value(request.query, "model")) {
    ApiError error;
    const auto model = asked_model(request, error);
    if (model == nullptr) return error_response(error, request.path);
    add(*model, false);
  } else {
    for (const ModelRegistry::View& view : registry_->views()) {
      if (view.model != nullptr) add(*view.model, true);
    }
    any_idle = any_idle || out.empty();
  }
  if (!any_idle && net::query_value(request.query, "fail_on_no_slot") == "1") {
    return error_response(
        {.http = 503, .type = "unavailable_error", .message = "no slot available"}, request.path);
  }
  return net::Response::json(200, json::dump(out));
}

}  // namespace samovar::api
