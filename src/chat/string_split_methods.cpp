// Methods of str that cut it: split, rsplit, splitlines, partition, rpartition.
#include "chat/methods.h"
#include "chat/utf8.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

struct Range {
  size_t begin, end;  // B
};

Result<Value> make_parts(Runtime& runtime, const Text& text, const std::vector<Range>& ranges,
                         ListKind kind = ListKind::kList) {
  Values parts;
  for (const Range& range : ranges) {
    parts.push_back(Value::string(text.slice(range.begin, range.end)));
  }
  return runtime.make_list(std::move(parts), kind);
}

// Where `separator` stands, left to right and not overlapping.
Result<std::vector<size_t>> occurrences(Runtime& runtime, std::string_view text,
                                        std::string_view separator) {
  std::vector<size_t> found;
  for (size_t at = 0; (at = find_bytes(text, separator, at)) != std::string_view::npos;
       at += separator.size()) {
    SAMOVAR_TRY(runtime.spend(kStepsPerString));
    found.push_back(at);
  }
  return found;
}

// The words between whitespace; at most max_splits cuts, the rest stays whole.
Result<std::vector<Range>> split_words(Runtime& runtime, std::string_view text, size_t max_splits) {
  std::vector<Range> words;
  size_t at = 0;
  const auto skip = [&](bool space) {
    while (at < text.size()) {
      const auto [c, n_bytes] = utf8::decode(text, at);
      if (utf8::is_space(c) != space) return;
      at += n_bytes;
    }
  };
  for (skip(true); at < text.size(); skip(true)) {
    SAMOVAR_TRY(runtime.spend(kStepsPerString));
    const size_t begin = at;
    if (words.size() == max_splits) {
      words.push_back({begin, text.size()});
      return words;
    }
    skip(false);
    words.push_back({begin, at});
  }
  return words;
}

enum class From : uint8_t { kLeft, kRight };

struct Cuts {
  size_t at_most;
  From from;
};

Result<std::vector<Range>> split_at(Runtime& runtime, std::string_view text,
                                    std::string_view separator, Cuts limit) {
  SAMOVAR_ASSIGN(std::vector<size_t> cuts, occurrences(runtime, text, separator));
  if (cuts.size() > limit.at_most) {
    const auto n_dropped = static_cast<std::ptrdiff_t>(cuts.size() - limit.at_most);
    if (limit.from == From::kLeft) {
      cuts.resize(limit.at_most);
    } else {
      cuts.erase(cuts.begin(), cuts.begin() + n_dropped);
    }
  }
  std::vector<Range> parts;
  size_t begin = 0;
  for (const size_t cut : cuts) {
    parts.push_back({begin, cut});
    begin = cut + separator.size();
  }
  parts.push_back({begin, text.size()});
  return parts;
}

Result<Value> split(Runtime& runtime, const Value& subject, const Arguments& arguments, From from) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("split", {"sep", "maxsplit"}));
  SAMOVAR_ASSIGN(const int64_t limit, integer_or(bound[1], "maxsplit", -1));
  const size_t max_splits = limit < 0 ? SIZE_MAX : static_cast<size_t>(limit);
  if (bound[0].is_none() || bound[0].is_undefined()) {
    if (from == From::kRight && limit >= 0) {
      return runtime_error("rsplit() by whitespace takes no maxsplit");
    }
    SAMOVAR_ASSIGN(const std::vector<Range> words,
                   split_words(runtime, subject.bytes(), max_splits));
    return make_parts(runtime, subject.text(), words);
  }
  SAMOVAR_ASSIGN(const Text separator, text_or(bound[0], "sep", ""));
  if (separator.empty()) return runtime_error("split() needs a separator that is not empty");
  SAMOVAR_ASSIGN(const std::vector<Range> parts,
                 split_at(runtime, subject.bytes(), separator.bytes(), {max_splits, from}));
  return make_parts(runtime, subject.text(), parts);
}

Result<Value> split_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return split(runtime, subject, arguments, From::kLeft);
}

Result<Value> rsplit_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return split(runtime, subject, arguments, From::kRight);
}

Result<Value> splitlines_method(Runtime& runtime, const Value& subject,
                                const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("splitlines", {"keepends"}));
  const std::string& bytes = subject.bytes();
  std::vector<Range> lines;
  for (size_t begin = 0; begin < bytes.size();) {
    SAMOVAR_TRY(runtime.spend(kStepsPerString));
    const size_t end = std::min(bytes.find_first_of("\r\n", begin), bytes.size());
    const bool pair = bytes.compare(end, 2, "\r\n") == 0;
    const size_t next = std::min(end + (pair ? 2 : 1), bytes.size());
    lines.push_back({begin, bound[0].truthy() ? next : end});
    begin = next;
  }
  return make_parts(runtime, subject.text(), lines);
}

Result<Value> cut_in_three(Runtime& runtime, const Value& subject, const Arguments& arguments,
                           From from) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("partition", {"sep"}, 1));
  SAMOVAR_ASSIGN(const Text separator, text_or(bound[0], "sep", ""));
  if (separator.empty()) return runtime_error("partition() needs a separator that is not empty");
  SAMOVAR_ASSIGN(const std::vector<Range> parts,
                 split_at(runtime, subject.bytes(), separator.bytes(), {1, from}));
  const size_t size = subject.text().size();
  std::vector<Range> three;
  if (parts.size() == 2) {
    three = {parts[0], {parts[0].end, parts[1].begin}, parts[1]};
  } else if (from == From::kLeft) {
    three = {parts[0], {size, size}, {size, size}};
  } else {
    three = {{0, 0}, {0, 0}, parts[0]};
  }
  return make_parts(runtime, subject.text(), three, ListKind::kTuple);
}

Result<Value> partition_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return cut_in_three(runtime, subject, arguments, From::kLeft);
}

Result<Value> rpartition_method(Runtime& runtime, const Value& subject,
                                const Arguments& arguments) {
  return cut_in_three(runtime, subject, arguments, From::kRight);
}

}  // namespace

std::span<const NativeEntry> string_split_methods() {
  static constexpr std::array<NativeEntry, 5> kMethods{{
      {"partition", partition_method},
      {"rpartition", rpartition_method},
      {"rsplit", rsplit_method},
      {"split", split_method},
      {"splitlines", splitlines_method},
  }};
  return kMethods;
}

}  // namespace samovar::chat
