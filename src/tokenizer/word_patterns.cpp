// The patterns that cut text into words, numbers, symbol runs and white space.
// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/word_patterns.h"

namespace samovar::tokenizer {
namespace {

enum class Case : uint8_t { kExact, kIgnore };

// 's|'t|'re|'ve|'m|'ll|'d
size_t match_contraction(const TextReader& text, size_t pos, Case letter_case) {
  if (text.at(pos).code != '\'') return pos;
  const auto letter = [&](size_t offset) -> uint32_t {
    const uint32_t code = text.at(pos + offset).code;
    const bool upper = code >= 'A' && code <= 'Z';
    return upper && letter_case == Case::kIgnore ? code - 'A' + 'a' : code;
  };
  const uint32_t first = letter(1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return pos + 2;
  if (first != 'r' && first != 'v' && first != 'l') return pos;
  return letter(2) == (first == 'l' ? 'l' : 'e') ? pos + 3 : pos;
}

// \s+(?!\S)|\s+
size_t match_space(const TextReader& text, size_t pos) {
  size_t last = pos;  // where the run's last character begins
  size_t end = pos;
  for (ReadChar c = text.at(pos); c.is(kSpace); c = text.at(end)) {
    last = end;
    end += c.size;
  }
  const bool keeps_last = end == text.size() || last == pos;
  return keeps_last ? end : last;
}

// \s*[\r\n]+|\s+(?!\S)|\s+
size_t match_newlines_or_space(const TextReader& text, size_t pos) {
  size_t after_newline = pos;
  size_t end = pos;
  for (ReadChar c = text.at(pos); c.is(kSpace); c = text.at(end)) {
    end += c.size;
    if (c.is_newline()) after_newline = end;
  }
  return after_newline > pos ? after_newline : match_space(text, pos);
}

// `mask`{1,most}
size_t match_some(const TextReader& text, size_t pos, ClassMask mask, size_t most) {
  for (ReadChar c = text.at(pos); most > 0 && c.is(mask); c = text.at(pos), --most) pos += c.size;
  return pos;
}

struct WordRules {
  size_t digits = 1;            // of one number piece, at most
  ClassMask letters = kLetter;  // what words are made of
  bool starts_with_contraction = true;
  bool by_case = false;                // words are cut where lower turns to upper case
  bool ends_with_contraction = false;  // only with by_case
  bool slash_tail = false;             // symbol runs take '/' along with newlines
};

constexpr ClassMask kEitherCase = kUncased | kMark;

// [upper]*[lower]+, or `pos`. Uncased letters and marks are both, so the upper part may have to
// give some back.
size_t match_lower_word(const TextReader& text, size_t pos) {
  size_t end = pos;
  size_t after_either = pos;  // after the last character that can be lower too
  for (ReadChar c = text.at(pos); c.is(kUpper | kEitherCase); c = text.at(end)) {
    end += c.size;
    if (c.is(kEitherCase)) after_either = end;
  }
  const size_t lower_end = text.skip(end, kLower | kEitherCase);
  return lower_end > end ? lower_end : after_either;
}

// [upper]+[lower]*, once match_lower_word() has failed: then nothing lower follows.
size_t match_upper_word(const TextReader& text, size_t pos) {
  return text.skip(pos, kUpper | kEitherCase);
}

// [^\r\n\p{L}\p{N}]?, then a word; with by_case an optional contraction.
size_t match_word(const TextReader& text, size_t pos, const WordRules& rules) {
  const ReadChar first = text.at(pos);
  const bool may_lead = first.is_none_of(kLetter | kNumber) && !first.is_newline();
  const auto led = [&](const auto& match_body) {
    const size_t begin = may_lead ? pos + first.size : pos;
    const size_t end = match_body(begin);
    return end > begin ? end : match_body(pos);
  };
  if (!rules.by_case) return led([&](size_t begin) { return text.skip(begin, rules.letters); });
  size_t end = led([&](size_t begin) { return match_lower_word(text, begin); });
  if (end == pos) end = led([&](size_t begin) { return match_upper_word(text, begin); });
  if (end == pos || !rules.ends_with_contraction) return end;
  return match_contraction(text, end, Case::kIgnore);
}

size_t match_by_rules(const TextReader& text, size_t pos, const WordRules& rules) {
  if (rules.starts_with_contraction) {
    if (const size_t end = match_contraction(text, pos, Case::kIgnore); end != pos) return end;
  }
  if (const size_t end = match_word(text, pos, rules); end != pos) return end;
  const ReadChar first = text.at(pos);
  if (first.is(kNumber)) return match_some(text, pos, kNumber, rules.digits);
  const ClassMask word = kSpace | kNumber | rules.letters;
  const size_t body = first.code == ' ' ? pos + 1 : pos;
  if (text.at(body).is_none_of(word)) {
    const size_t end = text.skip(body, static_cast<ClassMask>(~word));
    return text.skip_while(end, [&](const ReadChar& c) {
      return c.is_newline() || (rules.slash_tail && c.code == '/');
    });
  }
  return match_newlines_or_space(text, pos);
}

bool ends_bloom_word(const ReadChar& c) {
  switch (c.code) {
    case '(':
    case '|':
    case '.':
    case ',':
    case '!':
    case '?':
    case ')':
    case 0x2026:  // horizontal ellipsis
    case 0x3002:  // ideographic full stop
    case 0xFF0C:  // full-width comma
    case 0x3001:  // ideographic comma
    case 0x0964:  // danda
    case 0x06D4:  // Arabic full stop
    case 0x060C:  // Arabic comma
      return true;
    default:
      return c.is(kSpace);
  }
}

constexpr WordRules kLlama3{.digits = 3};
constexpr WordRules kQwen2{};
constexpr WordRules kQwen35{.letters = kLetter | kMark};
constexpr WordRules kGpt4o{.digits = 3,
                           .starts_with_contraction = false,
                           .by_case = true,
                           .ends_with_contraction = true,
                           .slash_tail = true};
constexpr WordRules kTekken{.starts_with_contraction = false, .by_case = true, .slash_tail = true};

}  // namespace

size_t match_gpt2(const TextReader& text, size_t pos) {
  if (const size_t end = match_contraction(text, pos, Case::kExact); end != pos) return end;
  const ReadChar first = text.at(pos);
  const size_t body = first.code == ' ' ? pos + 1 : pos;
  const ReadChar c = text.at(body);
  if (c.is(kLetter)) return text.skip(body, kLetter);
  if (c.is(kNumber)) return text.skip(body, kNumber);
  constexpr ClassMask kWord = kSpace | kLetter | kNumber;
  if (c.is_none_of(kWord)) return text.skip(body, static_cast<ClassMask>(~kWord));
  return match_space(text, pos);
}

size_t match_llama3(const TextReader& text, size_t pos) {
  return match_by_rules(text, pos, kLlama3);
}

size_t match_qwen2(const TextReader& text, size_t pos) {
  return match_by_rules(text, pos, kQwen2);
}

size_t match_qwen35(const TextReader& text, size_t pos) {
  return match_by_rules(text, pos, kQwen35);
}

size_t match_gpt4o(const TextReader& text, size_t pos) {
  return match_by_rules(text, pos, kGpt4o);
}

size_t match_tekken(const TextReader& text, size_t pos) {
  return match_by_rules(text, pos, kTekken);
}

size_t match_deepseek3_words(const TextReader& text, size_t pos) {
  const ReadChar first = text.at(pos);
  const auto is_ascii_letter = [](const ReadChar& c) { return c.code < 128 && c.is(kLetter); };
  if (first.code < 128 && first.is(kPunctuation | kSymbol)) {
    if (const size_t end = text.skip_while(pos + 1, is_ascii_letter); end > pos + 1) return end;
  }
  constexpr ClassMask kNoLead = kLetter | kPunctuation | kSymbol;
  const bool leads = first.is_none_of(kNoLead) && !first.is_newline();
  const size_t begin = leads ? pos + first.size : pos;
  if (const size_t end = text.skip(begin, kLetter | kMark); end > begin) return end;
  if (first.is(kMark)) return pos + first.size;
  const size_t body = first.code == ' ' ? pos + 1 : pos;
  if (const size_t end = text.skip(body, kPunctuation | kSymbol); end > body) {
    return text.skip_while(end, [](const ReadChar& c) { return c.is_newline(); });
  }
  return match_newlines_or_space(text, pos);
}

size_t match_bloom(const TextReader& text, size_t pos) {
  const size_t body = text.at(pos).code == ' ' ? pos + 1 : pos;
  const size_t end = text.skip_while(body, [](const ReadChar& c) { return !ends_bloom_word(c); });
  return end > body ? end : pos;
}

}  // namespace samovar::tokenizer
