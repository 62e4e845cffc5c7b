#include "grammar/matcher.h"

#include "grammar/closure.h"

#include <utility>

namespace samovar::grammar {
namespace {

constexpr size_t kManyFrames = 256;

}  // namespace

Matcher::Matcher(std::shared_ptr<const Automaton> automaton) : automaton_(std::move(automaton)) {
  Closure closure(*automaton_, frames_);
  closure.add({automaton_->start, kBottom});
  items_ = closure.items();
  can_end_ = closure.can_end();
}

bool Matcher::accept(std::string_view bytes) {
  Closure closure(*automaton_, frames_);
  for (const char byte : bytes) {
    if (items_.empty()) {
      can_end_ = false;
      break;
    }
    closure.clear();
    closure.add_step(items_, static_cast<uint8_t>(byte));
    items_ = closure.items();
    can_end_ = closure.can_end();
  }
  if (frames_.size() > kManyFrames) drop_unused_frames();
  return !is_dead();
}

void Matcher::drop_unused_frames() {
  FrameTable used;
  for (Item& item : items_) item.frame = used.adopt(frames_, item.frame);
  frames_ = std::move(used);
}

}  // namespace samovar::grammar
