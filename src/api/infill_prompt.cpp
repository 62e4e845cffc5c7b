#include "api/infill_prompt.h"

#include <algorithm>
#include <string_view>

namespace samovar::api {
namespace {

using Tokens = std::vector<int32_t>;

constexpr int64_t kWindow = 2048;  // tokens of prefix and suffix together, at most
// Names that models of this kind saw in training, for what has none.
constexpr std::string_view kProject = "myproject\n";
constexpr std::string_view kFile = "filename\n";
constexpr std::string_view kDivider = "\n\n--- snippet ---\n\n";

void append(Tokens& out, const Tokens& more) {
  out.insert(out.end(), more.begin(), more.end());
}

// Other texts of the project, then the header of the file itself.
Tokens extra_tokens(const InfillParts& parts, const tokenizer::Tokenizer& tokenizer) {
  const tokenizer::Vocabulary& vocabulary = tokenizer.vocabulary();
  const auto separator = vocabulary.fim_sep();
  Tokens out;
  if (const auto repository = vocabulary.fim_rep()) {
    out.push_back(*repository);
    append(out, tokenizer.encode(kProject, {}));
  }
  for (const InfillChunk& chunk : parts.extras) {
    if (separator) {
      out.push_back(*separator);
      append(out, tokenizer.encode((chunk.filename.empty() ? "tmp" : chunk.filename) + "\n", {}));
    } else {
      append(out, tokenizer.encode(kDivider, {}));
    }
    append(out, tokenizer.encode(chunk.text, {}));
  }
  if (separator) {
    out.push_back(*separator);
    append(out, tokenizer.encode(kFile, {}));
  }
  return out;
}

void keep_last(Tokens& tokens, int64_t n) {
  const auto kept = static_cast<std::ptrdiff_t>(
      std::min<int64_t>(static_cast<int64_t>(tokens.size()), std::max<int64_t>(n, 0)));
  tokens.erase(tokens.begin(), tokens.end() - kept);
}

}  // namespace

bool can_infill(const tokenizer::Vocabulary& vocabulary) {
  return vocabulary.fim_prefix() && vocabulary.fim_suffix() && vocabulary.fim_middle();
}

Tokens infill_prompt(const InfillParts& parts, const tokenizer::Tokenizer& tokenizer) {
  const tokenizer::Vocabulary& vocabulary = tokenizer.vocabulary();
  const int64_t window = std::min(kWindow, parts.n_ctx - 4);
  const Tokens prompt = tokenizer.encode(parts.prompt, {.parse_special = true});
  Tokens prefix = tokenizer.encode(parts.prefix, {});
  Tokens suffix = tokenizer.encode(parts.suffix, {});
  // A quarter is for the suffix, the rest for prefix and prompt; two tokens name them.
  const auto n_prompt = static_cast<int64_t>(prompt.size());
  keep_last(prefix, 3 * (window / 4) - 3);
  suffix.resize(std::min(suffix.size(),
                         static_cast<size_t>(std::max<int64_t>(0, window / 4 - (2 + n_prompt)))));
  prefix.insert(prefix.begin(), *vocabulary.fim_prefix());
  append(prefix, prompt);
  suffix.insert(suffix.begin(), *vocabulary.fim_suffix());

  Tokens out;
  if (vocabulary.add_bos() && vocabulary.bos()) out.push_back(*vocabulary.bos());
  const auto n_core = static_cast<int64_t>(out.size() + prefix.size() + suffix.size() + 1);
  Tokens extras = extra_tokens(parts, tokenizer);
  keep_last(extras, parts.n_ctx - n_core - 2 * std::max<int64_t>(parts.n_predict, 1));
  append(out, extras);
  append(out, parts.suffix_first ? suffix : prefix);
  append(out, parts.suffix_first ? prefix : suffix);
  out.push_back(*vocabulary.fim_middle());
  return out;
}

}  // namespace samovar::api
