// Which models there are: /v1/models, /models.
#include "api/api.h"
#include "api/ollama_model.h"
#include "json/json.h"
#include "tokenizer/vocabulary.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr std::string_view kPrefix = "/v1/models/";

json::Value describe(const ServedModel& served) {
  const model::ModelConfig& config = served.model->model().config();
  return {{"vocab_type",
           served.model->tokenizer().vocabulary().text_form() == tokenizer::TextForm::kSpaceEscaped
               ? 1
               : 2},
          {"n_vocab", config.n_vocab},
          {"n_ctx", served.engine->options().n_ctx},
          {"n_ctx_train", config.n_ctx_train},
          {"n_embd", config.d_model},
          {"n_params", served.model->model().n_params()},
          {"size", served.model->file().size_bytes()},
          {"ftype", served.quantization}};
}

}  // namespace

json::Value Api::model_json(const ModelSource& source, const OllamaModel* file,
                            const std::vector<ModelRegistry::View>& loaded) const {
  const auto view = std::find_if(
      loaded.begin(), loaded.end(),
      [&](const ModelRegistry::View& candidate) { return candidate.source.id == source.id; });
  const bool is_there = view != loaded.end() && view->model != nullptr;
  const bool is_coming = registry_->loading() == source.id;
  json::Value status = {{"value", is_there ? "loaded" : is_coming ? "loading" : "unloaded"}};
  if (const std::string failure = registry_->failure_of(source.id); !failure.empty()) {
    status["failed"] = true;
    status["error"] = failure;
  }
  const bool is_only = names_->only() != nullptr;
  return {{"id", source.id},
          {"object", "model"},
          {"created", file != nullptr ? file->modified_unix_us / 1'000'000 : started_unix_s_},
          {"owned_by", "llamacpp"},
          {"aliases", is_only ? json::Value(options_.aliases) : json::Value::array()},
          {"tags", is_only ? json::Value(options_.tags) : json::Value::array()},
          {"status", std::move(status)},
          {"meta", is_there ? describe(*view->model) : json::Value()},
          {"permissions", json::Value::array()}};
}

net::Response Api::models(const net::Request& request) const {
  std::string asked;  // empty: all
  if (request.path.starts_with(kPrefix)) asked = request.path.substr(kPrefix.size());
  const std::vector<ModelRegistry::View> loaded = registry_->views();
  if (!asked.empty()) {
    ApiError error;
    const auto source = named_model(asked, request.path, error);
    if (!source) return error_response(error, request.path);
    const auto file = shelf_->describe(source->path);
    return net::Response::json(200, json::dump(model_json(*source, file.get(), loaded)));
  }
  json::Value all = json::Value::array(), in_short = json::Value::array();
  for (const ModelSource& source : names_->list()) {
    const auto file = shelf_->describe(source.path);
    all.push_back(model_json(source, file.get(), loaded));
    if (file != nullptr) in_short.push_back(entry_json(*file, source.id));
  }
  const json::Value answer = {
      {"object", "list"}, {"data", std::move(all)}, {"models", std::move(in_short)}};
  return net::Response::json(200, json::dump(answer));
}

}  // namespace samovar::api
