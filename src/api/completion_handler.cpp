#include "api/api.h"
#include "api/body.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// A prompt of token ids; leaves a problem in `fields`.
std::vector<int32_t> read_token_prompt(Fields& fields, const json::Value& prompt, size_t n_vocab) {
  std::vector<int32_t> tokens;
  for (const json::Value& item : prompt) {
    const bool fits = item.is_number_integer() && item >= 0 && item < n_vocab;
    if (!fits) {
      fields.fail(bad_field(fmt::format("prompt[{}]", tokens.size()), "invalid_value",
                            fmt::format("`prompt[{}]` must be a token id below {}, not {}",
                                        tokens.size(), n_vocab, json::dump(item))));
      return {};
    }
    tokens.push_back(item.get<int32_t>());
  }
  return tokens;
}

// One prompt: text, token ids, or an array that holds one of these.
std::vector<int32_t> read_prompt(Fields& fields, const tokenizer::Tokenizer& tokenizer) {
  const json::Value* prompt = fields.find("prompt");
  if (prompt == nullptr) {
    fields.fail(bad_field("prompt", "missing_required_parameter", "`prompt` is missing"));
    return {};
  }
  if (prompt->is_array() && prompt->size() == 1 && !(*prompt)[0].is_number())
    prompt = &(*prompt)[0];
  if (prompt->is_string()) {
    return tokenizer.encode(prompt->get_ref<const std::string&>(),
                            {.add_special = true, .parse_special = true});
  }
  if (!prompt->is_array()) {
    fields.fail_type("prompt", "a string or an array of token ids", *prompt);
    return {};
  }
  if (!prompt->empty() && !(*prompt)[0].is_number()) {
    fields.fail(
        unsupported_parameter("prompt", "several prompts in one request are not supported yet"));
    return {};
  }
  return read_token_prompt(fields, *prompt, tokenizer.vocabulary().size());
}

}  // namespace

void Api::complete(const net::Request& request, const ServedModel& served,
                   net::Responder responder) {
  const auto body = parse_body(request);
  if (!body.ok()) return responder.send(error_response(from_status(body.status()), request.path));
  Fields fields(*body);
  std::vector<int32_t> prompt = read_prompt(fields, served.model->tokenizer());
  GenerationFields generation =
      read_generation_fields(fields, options_.defaults, served.model->tokenizer());
  for (const char* name : {"suffix", "echo", "grammar", "json_schema", "response_format"}) {
    const json::Value* value = fields.find(name);
    if (value != nullptr && *value != json::Value(false) && *value != json::Value("")) {
      fields.fail(unsupported_parameter(name, fmt::format("`{}` is not supported yet", name)));
    }
  }
  if (fields.error()) return responder.send(error_response(*fields.error(), request.path));
  start(request, served, completion_shape(answer_head("cmpl-")), std::move(generation),
        std::move(prompt), std::move(responder));
}

}  // namespace samovar::api
