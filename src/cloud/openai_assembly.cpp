#include "cloud/openai_assembly.h"

#include "cloud/json_member.h"
#include "json/json.h"

#include <algorithm>

namespace samovar::cloud {
namespace {

using json::Value;

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void merge(Value& into, const Value& piece, std::string_view name);

// The element of `list` with the index that `piece` names, made when new.
Value& element(Value& list, const Value& piece) {
  const Value* const index = member(piece, "index");
  const Value wanted = index == nullptr ? Value(list.size()) : *index;
  for (Value& known : list) {
    const Value* const its_index = member(known, "index");
    if (its_index != nullptr && *its_index == wanted) return known;
  }
  list.push_back({{"index", wanted}});
  return list.back();
}

void merge_members(Value& into, const Value& piece) {
  if (!into.is_object()) into = Value::object();
  for (const auto& [name, value] : piece.items()) merge(into[name], value, name);
}

void merge_list(Value& into, const Value& piece, std::string_view name) {
  if (!into.is_array()) into = Value::array();
  for (const Value& value : piece) {
    if (name == "tool_calls" && value.is_object()) {
      merge_members(element(into, value), value);
    } else {
      into.push_back(value);
    }
  }
}

// Puts a piece of the member `name` behind what is there of it.
void merge(Value& into, const Value& piece, std::string_view name) {
  if (piece.is_null()) return;
  if (piece.is_object()) return merge_members(into, piece);
  if (piece.is_array()) return merge_list(into, piece, name);
  const bool joins = piece.is_string() && into.is_string() &&
                     !is_one_of(name, {"role", "id", "type", "name", "finish_reason"});
  if (joins) {
    into.get_ref<std::string&>() += piece.get_ref<const std::string&>();
  } else {
    into = piece;
  }
}

void merge_choices(Value& choices, const Value& pieces) {
  for (const Value& piece : pieces) {
    Value& choice = element(choices, piece);
    for (const auto& [name, value] : piece.items()) {
      const bool is_delta = name == "delta";
      merge(choice[is_delta ? "message" : name], value, is_delta ? "message" : name);
    }
  }
}

// What whole answers have and streams leave out, and the other way round.
void settle_choice(Value& choice) {
  if (!choice.contains("logprobs")) choice["logprobs"] = nullptr;
  if (!choice.contains("message") || !choice["message"].is_object()) return;
  Value& message = choice["message"];
  if (message.contains("tool_calls")) {
    for (Value& call : message["tool_calls"]) call.erase("index");
  } else if (!message.contains("content") || message["content"].is_null()) {
    message["content"] = "";
  }
}

class OpenAiAssembly final : public AnswerAssembly {
 public:
  bool done() const override { return has_end_mark(); }
  Result<std::string> finish() override;

 private:
  void put(const Value& piece) override;

  Value answer_ = Value::object();
};

void OpenAiAssembly::put(const Value& piece) {
  for (const auto& [name, value] : piece.items()) {
    if (name != "choices") {
      if (!value.is_null() || !answer_.contains(name)) answer_[name] = value;
      continue;
    }
    Value& choices = answer_["choices"];
    if (!choices.is_array()) choices = Value::array();
    if (value.is_array()) merge_choices(choices, value);
  }
}

Result<std::string> OpenAiAssembly::finish() {
  const Value* const choices = member(answer_, "choices");
  if (choices == nullptr || choices->empty()) return corrupt("the stream ended without an answer");
  Value& whole = answer_["choices"];
  for (Value& choice : whole) settle_choice(choice);
  std::sort(whole.begin(), whole.end(),
            [](const Value& a, const Value& b) { return a.at("index") < b.at("index"); });
  if (text_or_empty(answer_, "object") == "chat.completion.chunk") {
    answer_["object"] = "chat.completion";
  }
  return json::dump(answer_);
}

}  // namespace

std::unique_ptr<AnswerAssembly> openai_assembly() {
  return std::make_unique<OpenAiAssembly>();
}

}  // namespace samovar::cloud
