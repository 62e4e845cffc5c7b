// Embeddings: OpenAI's /v1/embeddings, llama-server's /embedding and Ollama's /api/embed.
#include "api/api.h"
#include "api/context_limit.h"
#include "api/embedding_fields.h"
#include "api/embedding_run.h"
#include "api/ollama_call.h"
#include "api/ollama_request.h"
#include "api/prompt_fields.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

using model::Pooling;

ApiError no_single_vector() {
  return bad_field("", "unsupported_value",
                   "pooling `none` gives a vector for each token, and this route answers with one "
                   "for each text; start with --pooling mean, cls or last, or ask /embeddings");
}

// A text of Ollama's `input` or `prompt`; cut to the context where the request lets it.
std::vector<int32_t> read_ollama_text(Fields& fields, const std::string& text,
                                      const std::string& path, const OllamaRequest& wish,
                                      const tokenizer::Tokenizer& tokenizer) {
  if (!wish.truncate) {
    if (auto too_long = check_length(text, tokenizer, wish.options.n_ctx)) {
      fields.fail(*std::move(too_long));
      return {};
    }
  }
  std::vector<int32_t> tokens =
      tokenizer.encode(text, {.add_special = true, .parse_special = true});
  const auto n_ctx = static_cast<size_t>(wish.options.n_ctx);
  if (tokens.empty()) {
    fields.fail(bad_field(path, "invalid_value", fmt::format("`{}` must not be empty", path)));
  } else if (tokens.size() > n_ctx && !wish.truncate) {
    fields.fail(
        bad_field(path, "context_length_exceeded",
                  fmt::format("the input length exceeds the context length: {} of {} tokens",
                              tokens.size(), n_ctx)));
  }
  if (tokens.size() > n_ctx) tokens.resize(n_ctx);
  return tokens;
}

// Member `name`: a text, or an array of them; an empty text alone is none.
std::vector<std::vector<int32_t>> read_ollama_texts(Fields& fields, const std::string& name,
                                                    const OllamaRequest& wish,
                                                    const tokenizer::Tokenizer& tokenizer) {
  const json::Value* given = fields.find(name);
  if (given == nullptr || *given == json::Value("")) return {};
  const json::Value texts = given->is_string() ? json::Value::array({*given}) : *given;
  std::vector<std::vector<int32_t>> out;
  if (!texts.is_array() || texts.size() > kMaxPrompts) {
    fields.fail(bad_field(name, "invalid_type",
                          fmt::format("invalid input type: `{}` must be a string or an array of "
                                      "up to {} strings",
                                      name, kMaxPrompts)));
    return out;
  }
  for (size_t i = 0; i < texts.size() && !fields.error(); ++i) {
    const std::string path = fmt::format("{}[{}]", name, i);
    if (texts[i].is_string()) {
      out.push_back(read_ollama_text(fields, texts[i], path, wish, tokenizer));
    } else {
      fields.fail(bad_field(
          path, "invalid_type",
          fmt::format("invalid input type: `{}` is {}", path, json::type_name(texts[i]))));
    }
  }
  return out;
}

}  // namespace

Pooling Api::pooling_of(const ServedModel& served, Pooling fallback) const {
  return options_.pooling.value_or(served.model->model().config().pooling.value_or(fallback));
}

void Api::run_embedding(const Call& call, EmbeddingWork work) {
  if (work.texts.empty()) {
    return call.responder.send(net::Response::json(200, work.body({})));
  }
  work.tenant = options_.keys.match(call.request.headers).value_or(0);
  work.deadline_us = queue_deadline_us();
  work.path = call.request.path;
  std::make_shared<EmbeddingRun>(call.served, std::move(work), call.responder, poster_)->start();
}

void Api::answer_embedding(const Call& call, Fields& fields, EmbeddingAnswer answer) {
  const ServedModel& served = *call.served;
  const int64_t d_model = served.model->model().config().d_model;
  EmbeddingFields wish = read_embedding_fields(fields, served.model->tokenizer(), d_model,
                                               served.engine->options().n_ctx);
  const bool native = answer == EmbeddingAnswer::kNative || wish.from_content;
  EmbeddingWork work{.texts = std::move(wish.texts),
                     .pooling = pooling_of(served, native ? Pooling::kNone : Pooling::kLast)};
  if (work.pooling == Pooling::kNone) {
    wish.form.norm = kNotNormalised;
    if (!native) fields.fail(no_single_vector());
  }
  if (fields.error()) return call.refuse(*fields.error());
  work.body = [form = wish.form, native, d_model,
               model = id_of(served)](std::span<const EmbeddedText> texts) {
    return native ? native_embeddings(texts, form, d_model) : openai_embeddings(texts, form, model);
  };
  run_embedding(call, std::move(work));
}

void Api::embed(const Call& call, Fields& fields) {
  answer_embedding(call, fields, EmbeddingAnswer::kOpenAi);
}

void Api::embed_native(const Call& call, Fields& fields) {
  answer_embedding(call, fields, EmbeddingAnswer::kNative);
}

// /api/embed, and the older /api/embeddings with its one `prompt`.
void Api::ollama_embed(OllamaCall& call, Fields& fields, const OllamaRequest& wish) {
  const ServedModel& served = *call.served;
  const bool is_old = call.request.path.starts_with("/api/embeddings");
  const char* const member = is_old ? "prompt" : "input";
  EmbeddingWork work{.texts = read_ollama_texts(fields, member, wish, served.model->tokenizer()),
                     .pooling = pooling_of(served, Pooling::kLast),
                     .body = ollama_embedding};
  if (!is_old) {
    const VectorForm form{.n_dimensions =
                              read_dimensions(fields, served.model->model().config().d_model)};
    work.body = [form, model = call.model, arrived_us = call.arrived_us,
                 load_us = call.loaded_us - call.arrived_us,
                 &clock = clock_](std::span<const EmbeddedText> texts) {
      return ollama_embeddings(
          texts, form,
          {.model = model, .total_us = clock.monotonic_us() - arrived_us, .load_us = load_us});
    };
  } else if (work.texts.size() > 1) {
    fields.fail(bad_field("prompt", "invalid_type", "`prompt` must be a string"));
  }
  if (work.pooling == Pooling::kNone) fields.fail(no_single_vector());
  if (fields.error()) return call.refuse(*fields.error());
  keep(call, wish);
  run_embedding(call, std::move(work));
}

}  // namespace samovar::api
