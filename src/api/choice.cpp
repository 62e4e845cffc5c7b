#include "api/choice.h"

#include "api/shape_parts.h"
#include "tokenizer/utf8.h"

#include <utility>

namespace samovar::api {

Choice::Choice(int64_t index, const tokenizer::Vocabulary& vocabulary, const ChoiceOptions& options)
    : index_(index),
      vocabulary_(vocabulary),
      max_predict_us_(options.max_predict_us),
      keep_tokens_(options.keep_tokens),
      keep_ids_(options.keep_ids),
      stream_(vocabulary, options.stop) {}

std::string Choice::leave(std::string text) {
  if (keep_tokens_) count_bytes(text);
  text_begin_ = text_end_;
  text_end_ += count_characters(text);
  has_new_line_ = has_new_line_ || text.find('\n') != std::string::npos;
  return text;
}

// What the tokens had as bytes that are no character is U+FFFD in `text`.
void Choice::count_bytes(std::string_view text) {
  size_t n_bytes = 0;
  for (size_t pos = 0; pos < text.size();) {
    const tokenizer::Utf8Char character = tokenizer::decode_utf8(held_, n_bytes);
    n_bytes += character.size;
    pos += character.valid ? character.size : tokenizer::kReplacementBytes.size();
  }
  held_.erase(0, n_bytes);
  n_left_ += n_bytes;
}

std::string Choice::push(const engine::Event& event) {
  if (complete()) return {};
  if (keep_ids_) ids_.push_back(event.token);
  if (keep_tokens_) {
    std::string bytes =
        vocabulary_.is_hidden(event.token) ? std::string() : vocabulary_.bytes(event.token);
    const size_t begin = n_left_ + held_.size();
    held_ += bytes;
    pending_.push_back(
        {{event.token, std::move(bytes), event.chances}, begin, n_left_ + held_.size()});
  }
  std::string text = leave(stream_.push(event.token));
  out_of_time_ =
      max_predict_us_ > 0 && has_new_line_ && event.timings.predicted_us > max_predict_us_;
  if (complete()) when_complete_ = event.timings;
  return text;
}

std::string Choice::finish(engine::FinishReason reason) {
  reason_ = reason;
  ended_ = true;
  return leave(stream_.finish(reason));
}

std::vector<ShownToken> Choice::take_shown() {
  std::vector<ShownToken> out;
  while (!pending_.empty()) {
    Pending& next = pending_.front();
    // At the end all that was not swallowed by a stop string is shown.
    const bool whole = next.end <= n_left_ || (ended_ && !stream_.stopped());
    if (!whole && !(ended_ && next.begin < n_left_)) break;
    if (!whole) next.token.bytes.resize(n_left_ - next.begin);
    out.push_back(std::move(next.token));
    pending_.pop_front();
  }
  return out;
}

void Choice::prepend(std::string_view text) {
  text_end_ += count_characters(text);
}

Outcome Choice::outcome(const engine::Event& done) const {
  Outcome out{.index = index_, .slot = done.slot, .timings = counted(done)};
  out.has_new_line = has_new_line_;
  out.ids = ids_;
  const bool full = reason_ == engine::FinishReason::kContextFull;
  out.truncated = full || done.timings.n_dropped > 0;
  if (stream_.stopped()) {
    out.stop = StopType::kWord;
    out.stopping_word = stream_.stopping_word();
  } else if (out_of_time_ || reason_ == engine::FinishReason::kLength || full) {
    out.stop = StopType::kLimit;
  }
  return out;
}

}  // namespace samovar::api
