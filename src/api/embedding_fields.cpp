#include "api/embedding_fields.h"

#include "api/messages.h"
#include "api/prompt_fields.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

PromptOptions with_special(int64_t n_ctx) {
  return {.encode = {.add_special = true, .parse_special = true}, .n_ctx = n_ctx};
}

// {"content": [{"type": "text", "text": ...}, ...]}: the texts as one.
std::vector<int32_t> read_parts(Fields& fields, const json::Value& parts, const std::string& path,
                                const tokenizer::Tokenizer& tokenizer, int64_t n_ctx) {
  if (!parts.is_array()) {
    fields.fail_type(path, "an array of parts", parts);
    return {};
  }
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    text += part_text(fields, parts[i], fmt::format("{}[{}]", path, i));
  }
  return read_prompt(fields, json::Value(std::move(text)), path, tokenizer, with_special(n_ctx));
}

std::vector<int32_t> read_text(Fields& fields, const json::Value& text, const std::string& path,
                               const tokenizer::Tokenizer& tokenizer, int64_t n_ctx) {
  const auto content = text.is_object() ? text.find("content") : text.end();
  std::vector<int32_t> tokens =
      content != text.end() ? read_parts(fields, *content, path + ".content", tokenizer, n_ctx)
                            : read_prompt(fields, text, path, tokenizer, with_special(n_ctx));
  if (tokens.empty()) {
    fields.fail(
        bad_field(path, "invalid_value", fmt::format("`{}` must not be empty", fields.path(path))));
  }
  return tokens;
}

VectorEncoding read_encoding(Fields& fields) {
  const std::string name = fields.string("encoding_format", "float");
  if (name != "float" && name != "base64") {
    fields.fail(bad_field("encoding_format", "invalid_value",
                          "`encoding_format` must be \"float\" or \"base64\""));
  }
  return name == "base64" ? VectorEncoding::kBase64 : VectorEncoding::kNumbers;
}

}  // namespace

int64_t read_dimensions(Fields& fields, int64_t d_model) {
  return fields.has("dimensions") ? fields.integer("dimensions", 0, 1, d_model) : 0;
}

EmbeddingFields read_embedding_fields(Fields& fields, const tokenizer::Tokenizer& tokenizer,
                                      int64_t d_model, int64_t n_ctx) {
  EmbeddingFields out;
  out.from_content = !fields.has("input") && fields.has("content");
  out.texts = read_prompts(fields, out.from_content ? "content" : "input",
                           [&](const json::Value& text, const std::string& path) {
                             return read_text(fields, text, path, tokenizer, n_ctx);
                           });
  out.form.encoding = read_encoding(fields);
  out.form.n_dimensions = read_dimensions(fields, d_model);
  out.form.norm =
      static_cast<int32_t>(fields.integer("embd_normalize", kEuclidean, kNotNormalised, kMaxInt));
  return out;
}

}  // namespace samovar::api
