#include "api/api.h"
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

net::Response Api::models(const net::Request& request) const {
  std::string asked;  // empty: all
  if (request.path.starts_with(kPrefix)) asked = request.path.substr(kPrefix.size());
  if (!asked.empty() && asked != options_.model_id &&
      std::find(options_.aliases.begin(), options_.aliases.end(), asked) ==
          options_.aliases.end()) {
    return error_response({.http = 404,
                           .code = "model_not_found",
                           .param = "model",
                           .message = fmt::format("The model `{}` does not exist", asked)},
                          request.path);
  }
  const auto model = served();
  const json::Value entry = {{"id", options_.model_id},
                             {"object", "model"},
                             {"created", started_unix_s_},
                             {"owned_by", "llamacpp"},
                             {"aliases", options_.aliases},
                             {"tags", options_.tags},
                             {"meta", model ? describe(*model) : json::Value()},
                             {"permissions", json::Value::array()}};
  if (!asked.empty()) return net::Response::json(200, json::dump(entry));
  return net::Response::json(
      200, json::dump({{"object", "list"}, {"data", json::Value::array({entry})}}));
}

}  // namespace samovar::api
