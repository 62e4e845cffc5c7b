// choose_files(), customary_file(): quantization names in file names.
// SPDX-License-Identifier: Apache-2.0
#include "gguf/split_name.h"
#include "store/hub.h"
#include "store/model_name.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace samovar::store {
namespace {

constexpr std::string_view kDefaultQuant = "Q4_K_M";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Is `quant` a whole word of the file's name? "Q4_K" is not in "x-Q4_K_M.gguf". Any case.
// A file's name is no word of another's.
bool names_quant(std::string_view file, std::string_view quant) {
  if (quant.ends_with(".gguf")) return false;
  const std::string text = upper(file), word = upper(quant);
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]))) {
      return true;
    }
  }
  return false;
}

// parts_of(), all of which must be among `files`.
Result<std::vector<std::string>> with_parts(const std::string& file,
                                            const std::vector<std::string>& files) {
  std::vector<std::string> parts = parts_of(file);
  for (size_t i = 0; i < parts.size(); ++i) {
    if (std::find(files.begin(), files.end(), parts[i]) != files.end()) continue;
    return not_found(
        fmt::format("\"{}\" is missing: part {} of {}", parts[i], i + 1, parts.size()));
  }
  return parts;
}

}  // namespace

std::string customary_file(std::string_view repo) {
  constexpr std::string_view kSuffix = "-gguf";
  if (!is_repo_id(repo)) return {};
  std::string model = lower(repo.substr(repo.find('/') + 1));
  if (!model.ends_with(kSuffix) || model.size() == kSuffix.size()) return {};
  model.resize(model.size() - kSuffix.size());
  return fmt::format("{}.{}.gguf", model, kDefaultQuant);
}

bool is_default_quant(std::string_view quant) {
  return quant.empty() || upper(quant) == kDefaultQuant;
}

std::vector<std::string> parts_of(const std::string& file) {
  constexpr uint64_t kMaxParts = 10'000;
  const auto split = gguf::SplitName::parse(file);
  if (!split || split->n_parts > kMaxParts) return {file};
  std::vector<std::string> parts;
  for (uint64_t part = 1; part <= split->n_parts; ++part) parts.push_back(split->path_of(part));
  return parts;
}

Result<std::vector<std::string>> choose_files(const std::vector<std::string>& files,
                                              std::string_view quant, std::string_view repo) {
  std::vector<std::string> models;  // one name for each model: that of its first part
  for (const std::string& file : files) {
    const auto split = gguf::SplitName::parse(file);
    const bool projector = upper(file).find("MMPROJ") != std::string::npos;
    if (!projector && (!split || split->part == 1)) models.push_back(file);
  }
  const std::string_view wanted = quant.empty() ? kDefaultQuant : quant;
  std::vector<std::string> matches;
  for (const std::string& file : models) {
    if (file == quant) return with_parts(file, files);
    if (names_quant(file, wanted)) matches.push_back(file);
  }
  if (matches.empty() && quant.empty() && models.size() == 1) matches = models;
  if (const std::string usual = customary_file(repo);
      is_default_quant(quant) && matches.size() > 1 &&
      std::find(matches.begin(), matches.end(), usual) != matches.end()) {
    matches = {usual};
  }
  if (matches.size() == 1) return with_parts(matches[0], files);
  std::sort(models.begin(), models.end());
  if (models.empty()) return not_found(fmt::format("{}: there is no .gguf file in it", repo));
  return not_found(
      fmt::format("{}: {} its files is \"{}\"; name one, as in hf:{}:{} (there are: {})", repo,
                  matches.empty() ? "none of" : "more than one of", wanted, repo, models[0],
                  fmt::join(models, ", ")));
}

}  // namespace samovar::store
