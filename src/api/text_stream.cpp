#include "api/text_stream.h"

namespace samovar::api {

std::string TextStream::push(int32_t token) {
  return matcher_.push(decoder_.push(token));
}

std::string TextStream::finish(engine::FinishReason reason) {
  std::string text;
  if (reason == engine::FinishReason::kEndOfGeneration) text = matcher_.push(decoder_.flush());
  return text + matcher_.flush();
}

}  // namespace samovar::api
