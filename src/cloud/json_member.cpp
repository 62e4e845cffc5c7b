#include "cloud/json_member.h"

#include "json/json.h"

namespace samovar::cloud {

const json::Value* member(const json::Value& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const std::string* text_member(const json::Value& object, const char* name) {
  const json::Value* const value = member(object, name);
  return value != nullptr && value->is_string() ? value->get_ptr<const std::string*>() : nullptr;
}

std::string text_or_empty(const json::Value& object, const char* name) {
  const std::string* const text = text_member(object, name);
  return text == nullptr ? std::string() : *text;
}

}  // namespace samovar::cloud
