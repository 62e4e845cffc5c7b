#include "cloud/ollama_assembly.h"

#include "cloud/json_member.h"
#include "json/json.h"

namespace samovar::cloud {
namespace {

using json::Value;

class OllamaAssembly final : public AnswerAssembly {
 public:
  bool done() const override { return !last_.is_null(); }
  Result<std::string> finish() override;

 private:
  void put(const Value& piece) override;

  Value top_ = Value::object();      // what is joined of the lines themselves
  Value message_ = Value::object();  // and of their `message`
  Value last_;                       // an object once it is there: it has the counts
};

// Joins the members `names` of `piece` behind those that `into` has.
void join_members(Value& into, const Value& piece, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const Value* const value = member(piece, name)) join(into[name], *value);
  }
}

void OllamaAssembly::put(const Value& piece) {
  join_members(top_, piece, {"response", "thinking", "logprobs"});
  if (const Value* const message = member(piece, "message")) {
    join_members(message_, *message, {"content", "thinking", "tool_calls"});
  }
  if (const Value* const ends = member(piece, "done"); ends && *ends == Value(true)) last_ = piece;
}

Result<std::string> OllamaAssembly::finish() {
  if (last_.is_null()) return corrupt("the stream ended without an answer");
  last_.update(top_);
  if (last_.contains("message") && last_["message"].is_object()) last_["message"].update(message_);
  return json::dump(last_);
}

}  // namespace

std::unique_ptr<AnswerAssembly> ollama_assembly() {
  return std::make_unique<OllamaAssembly>();
}

}  // namespace samovar::cloud
