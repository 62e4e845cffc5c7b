// Embeddings: OpenAI's /v1/embeddings, llama-server's /embedding and Ollama's /api/embed.
#include "api/api.h"
#include "api/body.h"
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

void Api::run_embedding(const net::Request& request, const ServedPointer& served,
                        EmbeddingWork work, net::Responder responder) {
  if (work.texts.empty()) return responder.send(net::Response::json(200, work.body({})));
  work.tenant = options_.keys.match(request.headers).value_or(0);
  work.path = request.path;
  std::make_shared<EmbeddingRun>(served, std::move(work), std::move(responder), poster_)->start();
}

void Api::answer_embedding(const net::Request& request, const ServedPointer& served,
                           net::Responder responder, EmbeddingAnswer answer) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  const int64_t d_model = served->model->model().config().d_model;
  EmbeddingFields wish = read_embedding_fields(fields, served->model->tokenizer(), d_model);
  const bool native = answer == EmbeddingAnswer::kNative || wish.from_content;
  EmbeddingWork work{.texts = std::move(wish.texts),
                     .pooling = pooling_of(*served, native ? Pooling::kNone : Pooling::kLast)};
  if (work.pooling == Pooling::kNone) {
    wish.form.norm = kNotNormalised;
    if (!native) fields.fail(no_single_vector());
  }
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));
  work.body = [form = wish.form, native, d_model,
               model = id_of(*served)](std::span<const EmbeddedText> texts) {
    return native ? native_embeddings(texts, form, d_model) : openai_embeddings(texts, form, model);
  };
  run_embedding(request, served, std::move(work), std::move(responder));
}

void Api::embed(const net::Request& request, const ServedPointer& served,
                net::Responder responder) {
  answer_embedding(request, served, std::move(responder), EmbeddingAnswer::kOpenAi);
}

void Api::embed_native(const net::Request& request, const ServedPointer& served,
                       net::Responder responder) {
  answer_embedding(request, served, std::move(responder), EmbeddingAnswer::kNative);
}

// /api/embed, and the older /api/embeddings with its one `prompt`.
void Api::ollama_embed(const net::Request& request, const ServedPointer& served,
                       net::Responder responder, int64_t arrived_us) {
  OllamaCall call =
      begin_ollama(OllamaRoute::kEmbed, request, served, std::move(responder), arrived_us);
  const auto body = read_ollama_call(call);
  if (!body) return;
  Fields fields(*body);
  const tokenizer::Tokenizer& tokenizer = served->model->tokenizer();
  const OllamaRequest wish = read_ollama_request(fields, defaults_for(*served), tokenizer,
                                                 served->engine->options().n_ctx);
  const bool is_old = request.path.starts_with("/api/embeddings");
  const char* const member = is_old ? "prompt" : "input";
  EmbeddingWork work{.texts = read_ollama_texts(fields, member, wish, tokenizer),
                     .pooling = pooling_of(*served, Pooling::kLast),
                     .body = ollama_embedding};
  if (!is_old) {
    const VectorForm form{.n_dimensions =
                              read_dimensions(fields, served->model->model().config().d_model)};
    work.body = [form, model = call.model, arrived_us, load_us = call.loaded_us - arrived_us,
                 &clock = clock_](std::span<const EmbeddedText> texts) {
      return ollama_embeddings(
          texts, form,
          {.model = model, .total_us = clock.monotonic_us() - arrived_us, .load_us = load_us});
    };
  } else if (work.texts.size() > 1) {
    fields.fail(bad_field("prompt", "invalid_type", "`prompt` must be a string"));
  }
  if (work.pooling == Pooling::kNone) fields.fail(no_single_vector());
  if (fields.error()) return call.responder.send(error_response(*fields.error(), request.path));
  keep(call, wish);
  run_embedding(request, served, std::move(work), call.responder);
}

}  // namespace samovar::api
