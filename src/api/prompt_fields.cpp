#include "api/prompt_fields.h"

#include "api/context_limit.h"
#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::api {
namespace {

// ["a", "b"] is two prompts; [1, "a", 2] and [1, 2] are one.
bool is_list_of_prompts(const json::Value& prompt) {
  if (!prompt.is_array()) return false;
  const auto is_part = [](const json::Value& item) { return item.is_number() || item.is_string(); };
  const auto is_number = [](const json::Value& item) { return item.is_number(); };
  return !std::all_of(prompt.begin(), prompt.end(), is_part) ||
         std::none_of(prompt.begin(), prompt.end(), is_number);
}

std::vector<int32_t> encode(Fields& fields, const std::string& text, const std::string& path,
                            const tokenizer::Tokenizer& tokenizer, const PromptOptions& options) {
  if (auto too_long = check_length(text, tokenizer, options.n_ctx)) {
    too_long->param = fields.path(path);
    fields.fail(*std::move(too_long));
    return {};
  }
  return tokenizer.encode(text, options.encode);
}

std::vector<int32_t> read_parts(Fields& fields, const json::Value& parts, const std::string& path,
                                const tokenizer::Tokenizer& tokenizer, PromptOptions options) {
  const size_t n_vocab = tokenizer.vocabulary().size();
  std::vector<int32_t> tokens;
  for (size_t i = 0; i < parts.size(); ++i) {
    const json::Value& part = parts[i];
    if (part.is_string()) {
      const auto piece =
          encode(fields, part.get_ref<const std::string&>(), path, tokenizer, options);
      tokens.insert(tokens.end(), piece.begin(), piece.end());
    } else if (part.is_number_integer() && part >= 0 && part < n_vocab) {
      tokens.push_back(part.get<int32_t>());
    } else {
      fields.fail(bad_field(fmt::format("{}[{}]", path, i), "invalid_value",
                            fmt::format("`{}[{}]` must be a text or a token id below {}, not {}",
                                        path, i, n_vocab, json::dump(part).substr(0, 80))));
      return {};
    }
    options.encode.add_special = false;
  }
  return tokens;
}

}  // namespace

std::vector<int32_t> read_prompt(Fields& fields, const json::Value& prompt, const std::string& path,
                                 const tokenizer::Tokenizer& tokenizer,
                                 const PromptOptions& options) {
  if (prompt.is_string()) {
    return encode(fields, prompt.get_ref<const std::string&>(), path, tokenizer, options);
  }
  if (prompt.is_array()) return read_parts(fields, prompt, path, tokenizer, options);
  if (!prompt.is_object()) {
    fields.fail_type(path, "a string, an array of token ids and strings, or an object", prompt);
    return {};
  }
  Fields inner(fields, path, prompt);
  if (inner.has("multimodal_data")) {
    inner.fail(bad_field(inner.path("multimodal_data"), "unsupported_value",
                         "media input is not supported by this model"));
  } else if (!inner.has("prompt_string")) {
    inner.fail_missing("prompt_string");
  }
  const std::string text = inner.string("prompt_string", "");
  return encode(fields, text, path, tokenizer, options);
}

std::vector<std::vector<int32_t>> read_prompts(Fields& fields, const std::string& name,
                                               const PromptReader& read_one) {
  const json::Value* prompt = fields.find(name);
  if (prompt == nullptr) {
    fields.fail_missing(name);
    return {};
  }
  if (!is_list_of_prompts(*prompt)) return {read_one(*prompt, name)};
  if (prompt->empty() || prompt->size() > kMaxPrompts) {
    fields.fail(bad_field(
        name, "invalid_value",
        fmt::format("`{}` must hold 1 to {} prompts, not {}", name, kMaxPrompts, prompt->size())));
    return {};
  }
  std::vector<std::vector<int32_t>> out;
  for (size_t i = 0; i < prompt->size() && !fields.error(); ++i) {
    out.push_back(read_one((*prompt)[i], fmt::format("{}[{}]", name, i)));
  }
  return out;
}

std::vector<std::vector<int32_t>> read_prompts(Fields& fields,
                                               const tokenizer::Tokenizer& tokenizer,
                                               int64_t n_ctx) {
  return read_prompts(fields, "prompt", [&](const json::Value& prompt, const std::string& path) {
    return read_prompt(fields, prompt, path, tokenizer,
                       {.encode = {.add_special = true, .parse_special = true}, .n_ctx = n_ctx});
  });
}

std::string pieces_text(const tokenizer::Vocabulary& vocabulary, std::span<const int32_t> tokens) {
  std::string text;
  for (const int32_t token : tokens) {
    if (vocabulary.contains(token)) vocabulary.append_bytes(token, text);
  }
  return text;
}

}  // namespace samovar::api
