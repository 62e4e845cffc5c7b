#include "chat/lexer.h"

#include "chat/utf8.h"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr std::array<std::string_view, 6> kLongOperators{"//", "**", "==", "!=", ">=", "<="};
constexpr std::string_view kShortOperators = "+-/*%~[](){}><=.:|,;";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_name_byte(char c) {
  return is_alpha(c) || is_digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}
  Result<std::vector<Token>> run();

 private:
  // What kind of tag a "{%", "{{" or "{#" opens.
  enum class Tag : uint8_t { kBlock, kVariable };

  char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  bool starts_with(std::string_view text) const {
    return source_.compare(at_, text.size(), text) == 0;
  }
  void add(TokenKind kind, size_t begin, size_t end) {
    tokens_.push_back({kind, source_.substr(begin, end - begin), begin});
  }
  Status error(size_t offset, std::string_view message) const {
    return syntax_error(source_, offset, message);
  }
  void skip_space();
  size_t next_tag() const;
  void add_data(size_t begin, size_t end, char sign, bool strips_indent);
  char take_sign();
  void finish_tag(char sign);

  Status lex_comment();
  std::optional<size_t> match_keyword_tag(std::string_view keyword) const;
  Status lex_raw();
  Status lex_tag(Tag tag);
  bool lex_tag_end(Tag tag);
  Status lex_token();
  Status lex_string();
  void lex_number();
  Status lex_operator();

  std::string_view source_;
  size_t at_ = 0;
  bool line_starting_ = true;  // only blanks can stand between the last newline and at_
  std::string closers_;        // brackets still open, innermost last
  std::vector<Token> tokens_;
};

void Lexer::skip_space() {
  while (at_ < source_.size()) {
    const auto [c, n_bytes] = utf8::decode(source_, at_);
    if (!utf8::is_space(c)) return;
    at_ += n_bytes;
  }
}

size_t Lexer::next_tag() const {
  for (size_t at = source_.find('{', at_); at != std::string_view::npos;
       at = source_.find('{', at + 1)) {
    const char next = at + 1 < source_.size() ? source_[at + 1] : '\0';
    if (next == '%' || next == '{' || next == '#') return at;
  }
  return source_.size();
}

// Adds source[begin, end) as data, stripped at its end as the tag behind it asks.
void Lexer::add_data(size_t begin, size_t end, char sign, bool strips_indent) {
  const std::string_view data = source_.substr(begin, end - begin);
  size_t keep = data.size();
  const auto strip_to = [&](size_t floor) {
    while (keep > floor) {
      const auto [c, n_bytes] = utf8::decode_before(data, keep);
      if (!utf8::is_space(c)) return;
      keep -= n_bytes;
    }
  };
  if (sign == '-') {
    strip_to(0);
  } else if (sign != '+' && strips_indent) {
    const size_t newline = data.rfind('\n');
    const size_t line = newline == std::string_view::npos ? 0 : newline + 1;
    if (line > 0 || line_starting_) {
      strip_to(line);
      if (keep > line) keep = data.size();
    }
  }
  if (keep > 0) add(TokenKind::kData, begin, begin + keep);
}

char Lexer::take_sign() {
  const char sign = peek();
  if (sign != '-' && sign != '+') return '\0';
  ++at_;
  return sign;
}

// Past the end of a block or comment tag: what whitespace goes with it.
void Lexer::finish_tag(char sign) {
  const size_t end = at_;
  if (sign == '-') {
    skip_space();
  } else if (sign != '+' && peek() == '\n') {
    ++at_;
  }
  line_starting_ = at_ > end && source_[at_ - 1] == '\n';
}

Status Lexer::lex_comment() {
  const size_t begin = at_;
  const size_t close = source_.find("#}", at_);
  if (close == std::string_view::npos) return error(begin, "comment is not closed, expected '#}'");
  const char sign = close > begin ? source_[close - 1] : '\0';
  at_ = close + 2;
  finish_tag(sign);
  return {};
}

// At "{%": the end of a tag that holds only `keyword`, whitespace behind "-%}" included.
std::optional<size_t> Lexer::match_keyword_tag(std::string_view keyword) const {
  Lexer probe(source_);
  probe.at_ = at_ + 2;
  probe.take_sign();
  probe.skip_space();
  if (!probe.starts_with(keyword)) return std::nullopt;
  probe.at_ += keyword.size();
  probe.skip_space();
  const char sign = probe.take_sign();
  if (!probe.starts_with("%}")) return std::nullopt;
  probe.at_ += 2;
  if (keyword == "endraw") {
    probe.finish_tag(sign);
  } else if (sign == '-') {
    probe.skip_space();
  }
  return probe.at_;
}

// After "{% raw %}": everything up to "{% endraw %}" is data.
Status Lexer::lex_raw() {
  const size_t begin = at_;
  line_starting_ = source_[at_ - 1] == '\n';
  for (size_t open = source_.find("{%", at_); open != std::string_view::npos;
       open = source_.find("{%", open + 2)) {
    at_ = open;
    const auto end = match_keyword_tag("endraw");
    if (!end) continue;
    add_data(begin, open, peek(2), true);
    at_ = *end;
    line_starting_ = source_[at_ - 1] == '\n';
    return {};
  }
  return error(begin, "raw block is not closed, expected '{% endraw %}'");
}

bool Lexer::lex_tag_end(Tag tag) {
  const std::string_view close = tag == Tag::kBlock ? "%}" : "}}";
  const bool has_sign = peek() == '-' || (peek() == '+' && tag == Tag::kBlock);
  if (source_.compare(at_ + (has_sign ? 1 : 0), 2, close) != 0) return false;
  const char sign = has_sign ? peek() : '\0';
  add(tag == Tag::kBlock ? TokenKind::kBlockEnd : TokenKind::kVariableEnd, at_, at_ + 2);
  at_ += has_sign ? 3 : 2;
  // A newline behind an expression is kept: only block tags trim it.
  finish_tag(tag == Tag::kVariable && !has_sign ? '+' : sign);
  return true;
}

Status Lexer::lex_tag(Tag tag) {
  const size_t begin = at_;
  add(tag == Tag::kBlock ? TokenKind::kBlockBegin : TokenKind::kVariableBegin, at_, at_);
  closers_.clear();
  for (;;) {
    skip_space();
    if (at_ >= source_.size()) return error(begin, "tag is not closed");
    if (closers_.empty() && lex_tag_end(tag)) return {};
    SAMOVAR_TRY(lex_token());
  }
}

Status Lexer::lex_token() {
  const char c = peek();
  if (c == '"' || c == '\'') return lex_string();
  if (is_digit(c)) {
    lex_number();
    return {};
  }
  if (!is_name_byte(c)) return lex_operator();
  const size_t begin = at_;
  while (is_name_byte(peek())) ++at_;
  add(TokenKind::kName, begin, at_);
  return {};
}

Status Lexer::lex_string() {
  const size_t begin = at_;
  const char quote = peek();
  for (++at_; at_ < source_.size(); ++at_) {
    if (source_[at_] == '\\') {
      ++at_;
    } else if (source_[at_] == quote) {
      add(TokenKind::kString, begin + 1, at_);
      ++at_;
      return {};
    }
  }
  return error(begin, "string is not closed");
}

void Lexer::lex_number() {
  const size_t begin = at_;
  const bool after_dot = begin > 0 && source_[begin - 1] == '.';
  const auto digits = [&] {
    while (is_digit(peek()) || (peek() == '_' && is_digit(peek(1)))) ++at_;
  };
  bool is_float = false;
  const bool has_base =
      peek() == '0' && std::string_view("xXoObB").find(peek(1)) != std::string_view::npos;
  if (has_base && peek(1) != '\0') {
    while (is_name_byte(peek())) ++at_;
  } else {
    digits();
    if (peek() == '.' && is_digit(peek(1)) && !after_dot) {
      is_float = true;
      ++at_;
      digits();
    }
    const size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
    if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
      is_float = true;
      at_ += 1 + sign;
      digits();
    }
  }
  add(is_float ? TokenKind::kFloat : TokenKind::kInteger, begin, at_);
}

Status Lexer::lex_operator() {
  for (const std::string_view op : kLongOperators) {
    if (!starts_with(op)) continue;
    add(TokenKind::kOperator, at_, at_ + 2);
    at_ += 2;
    return {};
  }
  const char c = peek();
  if (kShortOperators.find(c) == std::string_view::npos) {
    return error(at_, fmt::format("unexpected character '{}'", c));
  }
  if (c == '(') closers_ += ')';
  if (c == '[') closers_ += ']';
  if (c == '{') closers_ += '}';
  if (c == ')' || c == ']' || c == '}') {
    if (closers_.empty()) return error(at_, fmt::format("unexpected '{}'", c));
    if (closers_.back() != c) {
      return error(at_, fmt::format("expected '{}', found '{}'", closers_.back(), c));
    }
    closers_.pop_back();
  }
  add(TokenKind::kOperator, at_, at_ + 1);
  ++at_;
  return {};
}

Result<std::vector<Token>> Lexer::run() {
  while (at_ < source_.size()) {
    const size_t begin = at_;
    at_ = next_tag();
    if (at_ >= source_.size()) {
      if (at_ > begin) add(TokenKind::kData, begin, at_);
      break;
    }
    const char kind = peek(1);
    add_data(begin, at_, peek(2), kind != '{');
    const auto raw_end = kind == '%' ? match_keyword_tag("raw") : std::nullopt;
    if (raw_end) {
      at_ = *raw_end;
      SAMOVAR_TRY(lex_raw());
      continue;
    }
    at_ += 2;
    take_sign();
    if (kind == '#') {
      SAMOVAR_TRY(lex_comment());
    } else {
      SAMOVAR_TRY(lex_tag(kind == '%' ? Tag::kBlock : Tag::kVariable));
    }
  }
  add(TokenKind::kEnd, source_.size(), source_.size());
  return std::move(tokens_);
}

}  // namespace

std::string describe_position(std::string_view source, size_t offset) {
  const std::string_view before = source.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t line_begin = newline == std::string_view::npos ? 0 : newline + 1;
  return fmt::format("line {}, column {}", line, 1 + utf8::length(before.substr(line_begin)));
}

Status syntax_error(std::string_view source, size_t offset, std::string_view message) {
  return corrupt(fmt::format("chat template, {}: {}", describe_position(source, offset), message));
}

Result<std::vector<Token>> tokenize(std::string_view source) {
  return Lexer(source).run();
}

}  // namespace samovar::chat
