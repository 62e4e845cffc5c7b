#include "tokenizer/definition.h"

#include "gguf/file.h"

#include <cstdint>
#include <string>

#include <fmt/format.h>

namespace samovar::tokenizer {
namespace {

constexpr std::string_view kModelKey = "tokenizer.ggml.model";
constexpr std::string_view kPreKey = "tokenizer.ggml.pre";
constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";
constexpr std::string_view kKindsKey = "tokenizer.ggml.token_type";
constexpr std::string_view kScoresKey = "tokenizer.ggml.scores";
constexpr std::string_view kMergesKey = "tokenizer.ggml.merges";

struct SpecialKey {
  Special part;
  std::string_view key;
};

// The file format's own spelling ("seperator"). A part's first key is its name in messages; the
// later ones are older names of the same part.
constexpr SpecialKey kSpecialKeys[] = {
    {Special::kBos, "tokenizer.ggml.bos_token_id"},
    {Special::kEos, "tokenizer.ggml.eos_token_id"},
    {Special::kEot, "tokenizer.ggml.eot_token_id"},
    {Special::kEom, "tokenizer.ggml.eom_token_id"},
    {Special::kUnknown, "tokenizer.ggml.unknown_token_id"},
    {Special::kPadding, "tokenizer.ggml.padding_token_id"},
    {Special::kSeparator, "tokenizer.ggml.seperator_token_id"},
    {Special::kMask, "tokenizer.ggml.mask_token_id"},
    {Special::kFimPrefix, "tokenizer.ggml.fim_pre_token_id"},
    {Special::kFimSuffix, "tokenizer.ggml.fim_suf_token_id"},
    {Special::kFimMiddle, "tokenizer.ggml.fim_mid_token_id"},
    {Special::kFimPad, "tokenizer.ggml.fim_pad_token_id"},
    {Special::kFimRep, "tokenizer.ggml.fim_rep_token_id"},
    {Special::kFimSep, "tokenizer.ggml.fim_sep_token_id"},
    {Special::kFimPrefix, "tokenizer.ggml.prefix_token_id"},
    {Special::kFimSuffix, "tokenizer.ggml.suffix_token_id"},
    {Special::kFimMiddle, "tokenizer.ggml.middle_token_id"},
};

Status wrong_type(std::string_view key, std::string_view expected) {
  return corrupt(fmt::format("{}: expected an array of {}", key, expected));
}

Result<std::vector<std::string_view>> read_strings(const gguf::File& file, std::string_view key) {
  const gguf::Value* value = file.find(key);
  if (value == nullptr) return corrupt(fmt::format("{}: missing", key));
  auto strings = value->as_strings();
  if (!strings) return wrong_type(key, "strings");
  return *std::move(strings);
}

// The file's numbers for kinds; 0 ("undefined") is treated as unused, as such tokens stand for
// nothing.
std::optional<TokenKind> kind_of_number(int64_t number) {
  switch (number) {
    case 0:
      return TokenKind::kUnused;
    case 1:
      return TokenKind::kNormal;
    case 2:
      return TokenKind::kUnknown;
    case 3:
      return TokenKind::kControl;
    case 4:
      return TokenKind::kUserDefined;
    case 5:
      return TokenKind::kUnused;
    case 6:
      return TokenKind::kByte;
    default:
      return std::nullopt;
  }
}

Status read_kinds(const gguf::File& file, std::vector<TokenKind>& kinds) {
  const gguf::Value* value = file.find(kKindsKey);
  if (value == nullptr) return {};
  const auto numbers = value->as_ints();
  if (!numbers) return wrong_type(kKindsKey, "integers");
  kinds.reserve(numbers->size());
  for (const int64_t number : *numbers) {
    const auto kind = kind_of_number(number);
    if (!kind) {
      return corrupt(fmt::format("{}: element {}: expected 0 to 6, found {}", kKindsKey,
                                 kinds.size(), number));
    }
    kinds.push_back(*kind);
  }
  return {};
}

Status read_scores(const gguf::File& file, std::vector<float>& scores) {
  const gguf::Value* value = file.find(kScoresKey);
  if (value == nullptr) return {};
  if (auto floats = value->as_floats()) {
    scores = *std::move(floats);
  } else if (const auto integers = value->as_ints()) {
    scores.assign(integers->begin(), integers->end());
  } else {
    return wrong_type(kScoresKey, "numbers");
  }
  return {};
}

Status read_specials(const gguf::File& file, Definition& definition) {
  for (const auto& [part, key] : kSpecialKeys) {
    auto& id = definition.specials[static_cast<size_t>(part)];
    if (id || file.find(key) == nullptr) continue;
    SAMOVAR_ASSIGN(id, file.get_int(key, INT64_MIN, INT64_MAX));
  }
  return {};
}

Status read_flag(const gguf::File& file, std::string_view key, std::optional<bool>& flag) {
  if (file.find(key) == nullptr) return {};
  SAMOVAR_ASSIGN(flag, file.get_bool(key, false));
  return {};
}

// No key says so: Phi-3's tokenizer drops white space after special tokens; known by the model's
// name.
Result<bool> is_phi3(const gguf::File& file) {
  SAMOVAR_ASSIGN(const std::string_view name, file.get_string("general.name", ""));
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower.find("phi-3") != lower.npos || lower.find("phi3") != lower.npos;
}

}  // namespace

std::string_view special_key(Special part) {
  for (const SpecialKey& known : kSpecialKeys) {
    if (known.part == part) return known.key;
  }
  return {};
}

Result<Definition> read_definition(const gguf::File& file) {
  Definition definition;
  SAMOVAR_ASSIGN(definition.model, file.get_string(kModelKey));
  SAMOVAR_ASSIGN(definition.pre, file.get_string(kPreKey, ""));
  SAMOVAR_ASSIGN(definition.texts, read_strings(file, kTokensKey));
  SAMOVAR_TRY(read_kinds(file, definition.kinds));
  SAMOVAR_TRY(read_scores(file, definition.scores));
  if (definition.model == "gpt2" || definition.model == "gemma4") {
    SAMOVAR_ASSIGN(definition.merges, read_strings(file, kMergesKey));
  }
  SAMOVAR_TRY(read_specials(file, definition));
  SAMOVAR_TRY(read_flag(file, "tokenizer.ggml.add_bos_token", definition.add_bos));
  SAMOVAR_TRY(read_flag(file, "tokenizer.ggml.add_eos_token", definition.add_eos));
  SAMOVAR_TRY(read_flag(file, "tokenizer.ggml.add_space_prefix", definition.add_space_prefix));
  SAMOVAR_ASSIGN(definition.strip_after_special, is_phi3(file));
  return definition;
}

}  // namespace samovar::tokenizer
