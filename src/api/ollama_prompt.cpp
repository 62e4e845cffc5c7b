#include "api/ollama_prompt.h"

#include "api/ollama_messages.h"

#include <algorithm>

namespace samovar::api {

std::vector<int32_t> cut_middle(std::vector<int32_t> tokens, int64_t n_keep, int64_t n) {
  const auto size = static_cast<int64_t>(tokens.size());
  if (size <= n) return tokens;
  if (n_keep < 0) n_keep = n / 2;  // all that can be kept
  n_keep = std::min(n_keep, n / 2);
  tokens.erase(tokens.begin() + n_keep, tokens.begin() + n_keep + (size - n));
  return tokens;
}

int64_t room_for_prompt(const OllamaOptions& options) {
  const int64_t wished = options.max_tokens > 0 ? options.max_tokens : options.n_ctx / 4;
  const int64_t answer = std::clamp<int64_t>(wished, 1, std::max<int64_t>(1, options.n_ctx / 2));
  return std::max<int64_t>(1, options.n_ctx - answer);
}

Result<std::vector<int32_t>> render_fitting(const ServedModel& served, const ChatPrompt& prompt,
                                            const OllamaRequest& wish, int64_t now_unix_s) {
  const auto render = [&](size_t n_left_out) {
    ChatPrompt shorter = prompt;
    shorter.messages = without_oldest_turns(prompt.messages, n_left_out);
    return render_chat(served.format, served.model->tokenizer(), std::move(shorter), now_unix_s);
  };
  auto tokens = render(0);
  const size_t n_turns = count_turns(prompt.messages);
  if (!tokens.ok() || !wish.truncate || n_turns < 2 ||
      static_cast<int64_t>(tokens->size()) < wish.options.n_ctx) {
    return tokens;
  }
  // The fewest turns without which it fits, or all but the last.
  const int64_t room = room_for_prompt(wish.options);
  size_t low = 1, high = n_turns - 1;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    tokens = render(middle);
    if (!tokens.ok()) return tokens;
    if (static_cast<int64_t>(tokens->size()) <= room) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return render(low);
}

}  // namespace samovar::api
