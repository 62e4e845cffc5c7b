#include "cloud/native_assembly.h"

#include "cloud/json_member.h"
#include "json/json.h"

#include <map>

namespace samovar::cloud {
namespace {

using json::Value;

// One of the answers, until its last object has come.
struct Answer {
  Value content = "", tokens = Value::array(), chances = Value::array();
  Value last;  // an object once it is there
};

class NativeAssembly final : public AnswerAssembly {
 public:
  explicit NativeAssembly(NativeWish wish) : wish_(std::move(wish)) {}

  bool done() const override {
    for (const auto& [index, answer] : answers_) {
      if (answer.last.is_null()) return false;
    }
    return !answers_.empty();
  }
  Result<std::string> finish() override;

 private:
  void put(const Value& piece) override;
  Value whole(const Answer& answer) const;

  const NativeWish wish_;
  std::map<int64_t, Answer> answers_;  // by index
};

void NativeAssembly::put(const Value& piece) {
  const Value* const index = member(piece, "index");
  Answer& answer =
      answers_[index != nullptr && index->is_number_integer() ? index->get<int64_t>() : 0];
  if (const Value* const text = member(piece, "content")) join(answer.content, *text);
  if (const Value* const ids = member(piece, "tokens")) join(answer.tokens, *ids);
  if (const Value* const chances = member(piece, "completion_probabilities")) {
    join(answer.chances, *chances);
  }
  if (const Value* const stop = member(piece, "stop"); stop && *stop == Value(true)) {
    answer.last = piece;
  }
}

// The last object with what the others have brought; it names what the client wants to see.
Value NativeAssembly::whole(const Answer& answer) const {
  Value out = answer.last;
  if (out.contains("content")) out["content"] = answer.content;
  if (out.contains("tokens")) out["tokens"] = wish_.returns_tokens ? answer.tokens : Value::array();
  if (!answer.chances.empty()) out["completion_probabilities"] = answer.chances;
  if (Value* const settings =
          out.contains("generation_settings") ? &out["generation_settings"] : nullptr) {
    if (settings->is_object() && settings->contains("stream")) (*settings)["stream"] = false;
  }
  for (const std::string& name : wish_.hidden) out.erase(name);
  return out;
}

Result<std::string> NativeAssembly::finish() {
  if (answers_.empty()) return corrupt("the stream ended without an answer");
  Value all = Value::array();
  for (const auto& [index, answer] : answers_) all.push_back(whole(answer));
  return json::dump(all.size() == 1 ? all[0] : all);
}

}  // namespace

std::unique_ptr<AnswerAssembly> native_assembly(NativeWish wish) {
  return std::make_unique<NativeAssembly>(std::move(wish));
}

}  // namespace samovar::cloud
