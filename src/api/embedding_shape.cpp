// Vectors are written as text at once: as JSON values they would take many times their size.
#include "api/embedding_shape.h"

#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

void append_formed(std::string& out, std::span<const float> values, const VectorForm& form) {
  append_vector(out, formed_vector(values, form), form.encoding);
}

int64_t count_tokens(std::span<const EmbeddedText> texts) {
  int64_t n = 0;
  for (const EmbeddedText& text : texts) n += text.n_tokens;
  return n;
}

// Calls `append_one` for each text, with commas between.
template <class AppendOne>
void append_list(std::string& out, std::span<const EmbeddedText> texts,
                 const AppendOne& append_one) {
  out += '[';
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    append_one(i, texts[i]);
  }
  out += ']';
}

}  // namespace

std::string openai_embeddings(std::span<const EmbeddedText> texts, const VectorForm& form,
                              std::string_view model) {
  std::string out = R"({"object":"list","data":)";
  append_list(out, texts, [&](size_t i, const EmbeddedText& text) {
    out += fmt::format(R"({{"object":"embedding","index":{},"embedding":)", i);
    append_formed(out, *text.values, form);
    out += '}';
  });
  const int64_t n = count_tokens(texts);
  out += fmt::format(R"(,"model":{},"usage":{{"prompt_tokens":{},"total_tokens":{}}}}})",
                     json::dump(json::Value(model)), n, n);
  return out;
}

std::string native_embeddings(std::span<const EmbeddedText> texts, const VectorForm& form,
                              int64_t d_model) {
  VectorForm numbers = form;
  numbers.encoding = VectorEncoding::kNumbers;
  const auto width = static_cast<size_t>(d_model);
  std::string out;
  append_list(out, texts, [&](size_t i, const EmbeddedText& text) {
    out += fmt::format(R"({{"index":{},"embedding":[)", i);
    const std::span<const float> values(*text.values);
    for (size_t begin = 0; begin < values.size(); begin += width) {
      if (begin > 0) out += ',';
      append_formed(out, values.subspan(begin, width), numbers);
    }
    out += "]}";
  });
  return out;
}

std::string ollama_embeddings(std::span<const EmbeddedText> texts, const VectorForm& form,
                              const OllamaEmbedHead& head) {
  std::string out =
      fmt::format(R"({{"model":{},"embeddings":)", json::dump(json::Value(head.model)));
  append_list(out, texts,
              [&](size_t, const EmbeddedText& text) { append_formed(out, *text.values, form); });
  out += fmt::format(R"(,"total_duration":{},"load_duration":{},"prompt_eval_count":{}}})",
                     head.total_us * 1000, head.load_us * 1000, count_tokens(texts));
  return out;
}

std::string ollama_embedding(std::span<const EmbeddedText> texts) {
  std::string out = R"({"embedding":)";
  append_vector(out, texts.empty() ? std::span<const float>() : *texts.front().values,
                VectorEncoding::kNumbers);
  return out + '}';
}

}  // namespace samovar::api
