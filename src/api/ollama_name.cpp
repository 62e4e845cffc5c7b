#include "api/ollama_name.h"

#include <array>

namespace samovar::api {
namespace {

constexpr std::array<std::string_view, 3> kDefaultPrefixes = {"https://", "registry.ollama.ai/",
                                                              "library/"};
constexpr std::array<std::string_view, 4> kHubPrefixes = {"hf.co/", "huggingface.co/",
                                                          "hf:", "https://hf.co/"};
constexpr std::string_view kDefaultTag = ":latest";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view without_defaults(std::string_view name) {
  for (const std::string_view prefix : kDefaultPrefixes) {
    if (lower(name).starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  if (lower(name).ends_with(kDefaultTag)) name.remove_suffix(kDefaultTag.size());
  return name;
}

}  // namespace

std::string plain_ollama_name(std::string_view name) {
  return lower(without_defaults(name));
}

bool same_ollama_name(std::string_view a, std::string_view b) {
  return plain_ollama_name(a) == plain_ollama_name(b);
}

std::string store_name(std::string_view name) {
  const std::string lowered = lower(name);
  for (const std::string_view prefix : kHubPrefixes) {
    if (!lowered.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    return "hf:" + std::string(without_defaults(name));
  }
  name = without_defaults(name);
  return name.find('/') == std::string_view::npos ? lower(name) : std::string(name);
}

}  // namespace samovar::api
