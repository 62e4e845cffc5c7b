#include "tokenizer/tokenizer.h"

#include "tokenizer/bpe.h"
#include "tokenizer/least_tokens.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/special_matcher.h"
#include "tokenizer/spm.h"

#include <algorithm>
#include <limits>

namespace samovar::tokenizer {
namespace {

// Bytes [begin, end) of a text in which control tokens are parsed.
struct TrustedRun {
  size_t begin;
  size_t end;
};

bool is_ascii_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Phi-3's own exceptions from strip_after_special.
bool keeps_space_after(std::string_view text) {
  return text == "<unk>" || text == "<s>" || text == "<|endoftext|>";
}

Result<std::unique_ptr<const TextModel>> create_model(const Definition& definition,
                                                      const PreTokenizer* pre_tokenizer,
                                                      const Vocabulary& vocabulary) {
  if (pre_tokenizer != nullptr) return Bpe::create(definition.merges, *pre_tokenizer, vocabulary);
  return std::unique_ptr<const TextModel>(std::make_unique<Spm>(vocabulary));
}

}  // namespace

struct Tokenizer::Parts {
  Parts(Vocabulary&& v, bool strip)
      : vocabulary(std::move(v)), specials(vocabulary), strip_after_special(strip) {}

  void encode(std::string_view text, std::span<const TrustedRun> trusted,
              std::vector<Token>& out) const;
  void encode_plain(std::string_view text, std::vector<Token>& out) const;
  size_t after_special(std::string_view text, const SpecialMatcher::Match& match, size_t pos) const;

  Vocabulary vocabulary;
  SpecialMatcher specials;
  bool strip_after_special;
  std::unique_ptr<const TextModel> model;
};

void Tokenizer::Parts::encode(std::string_view text, std::span<const TrustedRun> trusted,
                              std::vector<Token>& out) const {
  size_t plain = 0;  // where the text that is no special token began
  for (size_t pos = 0; pos < text.size();) {
    while (!trusted.empty() && trusted.front().end <= pos) trusted = trusted.subspan(1);
    const bool in_trusted = !trusted.empty() && trusted.front().begin <= pos;
    const auto match = specials.match(text, pos, in_trusted ? trusted.front().end : 0);
    if (!match) {
      ++pos;
      continue;
    }
    encode_plain(text.substr(plain, pos - plain), out);
    out.push_back(match->token);
    plain = pos = after_special(text, *match, pos);
  }
  encode_plain(text.substr(plain), out);
}

size_t Tokenizer::Parts::after_special(std::string_view text, const SpecialMatcher::Match& match,
                                       size_t pos) const {
  pos += match.size;
  if (!strip_after_special || keeps_space_after(vocabulary.text(match.token))) return pos;
  while (pos < text.size() && is_ascii_space(text[pos])) ++pos;
  return pos;
}

void Tokenizer::Parts::encode_plain(std::string_view text, std::vector<Token>& out) const {
  if (text.empty()) return;
  std::string prefixed;
  if (vocabulary.add_space_prefix()) {
    prefixed.reserve(text.size() + 1);
    prefixed.append(" ").append(text);
    text = prefixed;
  }
  for (; text.size() > kMaxModelText; text.remove_prefix(kMaxModelText)) {
    model->encode(text.substr(0, kMaxModelText), out);
  }
  model->encode(text, out);
}

Tokenizer::Tokenizer(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

const Vocabulary& Tokenizer::vocabulary() const {
  return parts_->vocabulary;
}

Result<Tokenizer> Tokenizer::from_gguf(const gguf::File& file) {
  SAMOVAR_ASSIGN(Definition definition, read_definition(file));
  return create(std::move(definition));
}

Result<Tokenizer> Tokenizer::create(Definition definition) {
  const PreTokenizer* pre_tokenizer = nullptr;
  if (definition.model == "gemma4") {
    definition.pre = definition.model;
    definition.add_bos = true;  // files of the first weeks say false, the model needs it
  }
  if (definition.model == "gpt2" || definition.model == "gemma4") {
    SAMOVAR_ASSIGN(pre_tokenizer, find_pre_tokenizer(definition.pre));
    if (!definition.add_bos) definition.add_bos = pre_tokenizer->add_bos;
  }
  SAMOVAR_ASSIGN(Vocabulary vocabulary, Vocabulary::create(definition));
  auto parts = std::make_unique<Parts>(std::move(vocabulary), definition.strip_after_special);
  SAMOVAR_ASSIGN(parts->model, create_model(definition, pre_tokenizer, parts->vocabulary));
  return Tokenizer(std::move(parts));
}

std::vector<Token> Tokenizer::encode(std::string_view text, EncodeOptions options) const {
  const TextSpan span{text, options.parse_special};
  return encode_spans(std::span(&span, 1), options.add_special);
}

std::vector<Token> Tokenizer::encode_spans(std::span<const TextSpan> spans,
                                           bool add_special) const {
  std::vector<TrustedRun> trusted;
  size_t size = 0;
  for (const TextSpan& span : spans) {
    const size_t end = size + span.text.size();
    if (span.parse_special) {
      if (!trusted.empty() && trusted.back().end == size) {
        trusted.back().end = end;
      } else {
        trusted.push_back({size, end});
      }
    }
    size = end;
  }
  std::string joined;
  std::string_view text;
  if (spans.size() == 1) {
    text = spans.front().text;
  } else {
    joined.reserve(size);
    for (const TextSpan& span : spans) joined.append(span.text);
    text = joined;
  }
  const Vocabulary& vocabulary = parts_->vocabulary;
  std::vector<Token> tokens;
  if (add_special && vocabulary.add_bos()) tokens.push_back(*vocabulary.bos());
  parts_->encode(text, trusted, tokens);
  if (add_special && vocabulary.add_eos()) tokens.push_back(*vocabulary.eos());
  return tokens;
}

size_t Tokenizer::least_tokens(std::string_view text) const {
  return tokenizer::least_tokens(parts_->vocabulary, parts_->strip_after_special, text);
}

std::string Tokenizer::decode(std::span<const Token> tokens, bool unparse_special) const {
  const Vocabulary& vocabulary = parts_->vocabulary;
  std::string text;
  bool prefixed = vocabulary.add_space_prefix();  // may the next token carry the added space?
  for (const Token token : tokens) {
    if (!vocabulary.contains(token)) continue;
    const TokenKind kind = vocabulary.kind(token);
    const bool hidden = kind == TokenKind::kControl || kind == TokenKind::kUnknown;
    if (hidden && !unparse_special) {
      prefixed = vocabulary.add_space_prefix();
      continue;
    }
    const size_t begin = text.size();
    vocabulary.append_bytes(token, text);
    if (is_special(kind)) {
      prefixed = vocabulary.add_space_prefix();
      continue;
    }
    if (prefixed && begin < text.size() && text[begin] == ' ') text.erase(begin, 1);
    prefixed = false;
  }
  return text;
}

}  // namespace samovar::tokenizer
