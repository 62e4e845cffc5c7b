#include "tokenizer/vocabulary.h"

#include "base/log.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/special_texts.h"
#include "tokenizer/utf8.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace samovar::tokenizer {
namespace {

// The byte of "<0xHH>" (two hexadecimal digits, nothing else).
std::optional<uint8_t> byte_of_text(std::string_view text) {
  if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
  uint8_t byte = 0;
  const auto [end, error] = std::from_chars(&text[3], &text[5], byte, 16);
  if (error != std::errc{} || end != &text[5]) return std::nullopt;
  return byte;
}

// SentencePiece's usual layout, for files without the keys. BPE has none.
constexpr std::array<std::optional<Token>, kSpecialCount> spm_default_specials() {
  std::array<std::optional<Token>, kSpecialCount> specials;
  specials[static_cast<size_t>(Special::kUnknown)] = 0;
  specials[static_cast<size_t>(Special::kBos)] = 1;
  specials[static_cast<size_t>(Special::kEos)] = 2;
  return specials;
}

}  // namespace

Result<Vocabulary> Vocabulary::create(const Definition& definition) {
  const bool spm = definition.model == "llama";
  const bool spaced_bpe = definition.model == "gemma4";
  if (!spm && !spaced_bpe && definition.model != "gpt2") {
    return unsupported(fmt::format(
        "tokenizer.ggml.model: expected llama, gpt2 or gemma4, found '{}', which samovar "
        "cannot tokenize yet",
        definition.model));
  }
  Vocabulary vocabulary;
  vocabulary.text_form_ = spm || spaced_bpe ? TextForm::kSpaceEscaped : TextForm::kByteLevel;
  if (spm) vocabulary.specials_ = spm_default_specials();
  SAMOVAR_TRY(vocabulary.take_texts(definition));
  SAMOVAR_TRY(vocabulary.take_kinds(definition));
  SAMOVAR_TRY(vocabulary.take_scores(definition));
  SAMOVAR_TRY(vocabulary.take_specials(definition));
  SAMOVAR_TRY(vocabulary.map_bytes());
  vocabulary.derive_specials();
  vocabulary.derive_end_of_generation();
  vocabulary.add_bos_ = definition.add_bos.value_or(spm) && vocabulary.bos();
  vocabulary.add_eos_ = definition.add_eos.value_or(false) && vocabulary.eos();
  vocabulary.add_space_prefix_ = spm && definition.add_space_prefix.value_or(true);
  return vocabulary;
}

Status Vocabulary::take_texts(const Definition& definition) {
  if (definition.texts.empty()) return corrupt("tokenizer.ggml.tokens: no tokens");
  if (definition.texts.size() > size_t{std::numeric_limits<Token>::max()}) {
    return corrupt(fmt::format("tokenizer.ggml.tokens: {} tokens, expected less than 2^31",
                               definition.texts.size()));
  }
  texts_ = definition.texts;
  if (const auto equal = index_.build(texts_)) {
    return corrupt(fmt::format("tokenizer.ggml.tokens: tokens {} and {} have the same text",
                               equal->first, equal->second));
  }
  return {};
}

Status Vocabulary::take_kinds(const Definition& definition) {
  if (definition.kinds.empty()) {
    kinds_.assign(size(), TokenKind::kNormal);
    return {};
  }
  if (definition.kinds.size() != size()) {
    return corrupt(fmt::format("tokenizer.ggml.token_type: expected {} elements, found {}", size(),
                               definition.kinds.size()));
  }
  kinds_ = definition.kinds;
  return {};
}

Status Vocabulary::take_scores(const Definition& definition) {
  if (definition.scores.empty()) return {};
  if (definition.scores.size() != size()) {
    return corrupt(fmt::format("tokenizer.ggml.scores: expected {} elements, found {}", size(),
                               definition.scores.size()));
  }
  const auto nan = std::ranges::find_if(definition.scores, [](float s) { return std::isnan(s); });
  if (nan != definition.scores.end()) {
    return corrupt(fmt::format("tokenizer.ggml.scores: element {} is not a number",
                               nan - definition.scores.begin()));
  }
  scores_ = definition.scores;
  return {};
}

Status Vocabulary::take_specials(const Definition& definition) {
  for (size_t i = 0; i < kSpecialCount; ++i) {
    auto& token = specials_[i];
    if (token && !contains(*token)) token.reset();
    const auto given = definition.specials[i];
    if (!given) continue;
    if (*given >= 0 && *given < static_cast<int64_t>(size())) {
      token = static_cast<Token>(*given);
      continue;
    }
    const auto part = static_cast<Special>(i);
    const std::string wrong =
        fmt::format("{}: expected 0 to {}, found {}", special_key(part), size() - 1, *given);
    if (part == Special::kBos || part == Special::kEos) return corrupt(wrong);
    log::warning("{}; the key is ignored", wrong);
  }
  return {};
}

Status Vocabulary::map_bytes() {
  for (size_t i = 0; i < size(); ++i) {
    if (kinds_[i] != TokenKind::kByte) continue;
    const auto byte = byte_of_text(texts_[i]);
    if (!byte) {
      return corrupt(
          fmt::format("tokenizer.ggml.tokens: token {} is of byte type, expected its text "
                      "to be <0xHH>",
                      i));
    }
    byte_tokens_[*byte] = static_cast<Token>(i);
  }
  for (size_t byte = 0; byte < 256; ++byte) {
    auto& token = byte_tokens_[byte];
    if (text_form_ == TextForm::kByteLevel) {
      std::string character;
      append_utf8(kByteToCode[byte], character);
      token = find(character);
    } else if (!token) {  // files without types, or with wrong ones
      token = find(fmt::format("<0x{:02X}>", byte));
      if (token) kinds_[index(*token)] = TokenKind::kByte;
    }
  }
  return {};
}

void Vocabulary::derive_specials() {
  for (const SpecialText& known : special_texts()) {
    auto& part = specials_[static_cast<size_t>(known.part)];
    if (part) continue;
    part = find(known.text);
    if (part) kinds_[index(*part)] = TokenKind::kControl;
  }
}

void Vocabulary::derive_end_of_generation() {
  std::vector<Token>& ends = end_of_generation_;
  for (const Special part : {Special::kEos, Special::kEot, Special::kEom, Special::kFimPad,
                             Special::kFimRep, Special::kFimSep}) {
    if (const auto token = special(part)) ends.push_back(*token);
  }
  for (const std::string_view text : end_texts()) {
    if (const auto token = find(text)) {
      ends.push_back(*token);
      kinds_[index(*token)] = TokenKind::kControl;
    }
  }
  for (const std::string_view text : visible_texts()) {
    if (const auto token = find(text)) kinds_[index(*token)] = TokenKind::kUserDefined;
  }
  const auto has = [&](std::string_view text) { return find(text).has_value(); };
  const auto is_no_end = [&](std::string_view text, TokenKind kind) {
    const auto token = find(text);
    if (!token) return;
    std::erase(ends, *token);
    kinds_[index(*token)] = kind;
  };
  // In gpt-oss and Solar <|end|> ends a message, not the answer; in Gemma 4 and PLaMo </s> is a
  // word.
  const bool calls = has("<|call|>") || has("<|calls|>");
  if (calls && (has("<|return|>") || has("<|flush|>"))) {
    is_no_end("<|end|>", TokenKind::kUserDefined);
  }
  if (has("<|tool_response>") || has("<|plamo:eos|>")) is_no_end("</s>", TokenKind::kNormal);
  std::ranges::sort(ends);
  ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
}

bool Vocabulary::is_hidden(Token token) const {
  constexpr std::array<std::string_view, 9> kTags = {
      "<think>",      "</think>",     "[THINK]", "[/THINK]",     "<tool_call>",
      "</tool_call>", "[TOOL_CALLS]", "[ARGS]",  "<|tool_call|>"};
  if (kind(token) == TokenKind::kUnknown) return true;
  return kind(token) == TokenKind::kControl && std::ranges::find(kTags, text(token)) == kTags.end();
}

bool Vocabulary::is_end_of_generation(Token token) const {
  return std::ranges::binary_search(end_of_generation_, token);
}

void Vocabulary::append_bytes(Token token, std::string& out) const {
  const std::string_view raw = text(token);
  switch (kind(token)) {
    case TokenKind::kUnused:
      return;
    case TokenKind::kByte:
      out.push_back(static_cast<char>(*byte_of_text(raw)));
      return;
    case TokenKind::kUnknown:
    case TokenKind::kControl:
    case TokenKind::kUserDefined:
      out.append(raw);
      return;
    case TokenKind::kNormal:
      break;
  }
  if (text_form_ == TextForm::kSpaceEscaped) {
    size_t begin = 0;
    for (size_t mark = raw.find(kSpaceMark); mark != raw.npos; mark = raw.find(kSpaceMark, begin)) {
      out.append(raw, begin, mark - begin);
      out.push_back(' ');
      begin = mark + kSpaceMark.size();
    }
    out.append(raw, begin);
    return;
  }
  for (size_t pos = 0; pos < raw.size();) {
    const Utf8Char character = decode_utf8(raw, pos);
    const auto byte = character.valid ? alphabet_byte(character.code) : std::nullopt;
    if (byte) {
      out.push_back(static_cast<char>(*byte));
    } else {
      out.append(raw, pos, character.size);
    }
    pos += character.size;
  }
}

std::string Vocabulary::bytes(Token token) const {
  std::string out;
  append_bytes(token, out);
  return out;
}

}  // namespace samovar::tokenizer
