#include "cli/repository_files.h"

#include "gguf/split_name.h"
#include "plan/plan.h"
#include "store/hub.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_quantization(std::string_view word) {
  for (const std::string_view kind : {"IQ", "Q", "BF", "F"}) {
    if (word.starts_with(kind)) return word.size() > kind.size() && is_digit(word[kind.size()]);
  }
  return false;
}

}  // namespace

std::string quantization_in(std::string_view file) {
  std::string found, word;
  for (const char c : file) {
    if (c == '-' || c == '.' || c == '/') {
      if (is_quantization(word)) found = word;
      word.clear();
    } else {
      word += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return is_quantization(word) ? word : found;
}

Result<std::vector<RepositoryFile>> repository_files(const store::StoreOptions& options,
                                                     const std::string& repo) {
  store::Hub hub(options);
  SAMOVAR_ASSIGN(const auto names, hub.list_gguf(repo, "main"));
  std::vector<RepositoryFile> files;
  for (const std::string& name : names) {
    const auto split = gguf::SplitName::parse(name);
    const std::string quantization = quantization_in(name);
    if (quantization.empty() || (split && split->part != 1)) continue;
    files.push_back({fmt::format("hf:{}:{}", repo, name), plan::quantization_bits(quantization)});
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const auto& a, const auto& b) { return a.bits > b.bits; });
  return files;
}

}  // namespace samovar::cli
