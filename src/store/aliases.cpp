#include "store/aliases.h"

#include "sys/file.h"

#include <algorithm>
#include <filesystem>

namespace samovar::store {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{1} << 20;
constexpr size_t kMaxNameBytes = 200;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_alias_name(std::string_view name) {
  constexpr std::string_view kOthers = "._-:/";
  const bool spelled = std::all_of(name.begin(), name.end(), [&](char c) {
    return is_letter_or_digit(c) || kOthers.find(c) != std::string_view::npos;
  });
  return spelled && !name.empty() && name.size() <= kMaxNameBytes &&
         (is_letter_or_digit(name.front()) || name.front() == '_') &&
         name.find("/.") == std::string_view::npos && name.back() != '/' && name.back() != ':';
}

std::map<std::string, std::string> Aliases::read() const {
  std::map<std::string, std::string> out;
  const auto text = sys::read_file(path_, kMaxFileBytes);
  if (!text.ok()) return out;
  for (size_t begin = 0; begin < text->size();) {
    const size_t end = std::min(text->find('\n', begin), text->size());
    const std::string_view line = std::string_view(*text).substr(begin, end - begin);
    const size_t tab = std::min(line.find('\t'), line.size());
    const std::string_view name = line.substr(0, tab);
    const std::string_view target = line.substr(std::min(tab + 1, line.size()));
    if (is_alias_name(name) && is_alias_name(target)) out.emplace(name, target);
    begin = end + 1;
  }
  return out;
}

Status Aliases::write(const std::map<std::string, std::string>& aliases) const {
  std::string text;
  for (const auto& [name, target] : aliases) text += name + "\t" + target + "\n";
  if (text.size() > kMaxFileBytes) return too_large(path_ + ": too many aliases");
  std::error_code error;  // a folder that can't be made is one that can't be written to
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), error);
  return sys::write_file_atomic(path_, text);
}

std::map<std::string, std::string> Aliases::all() const {
  MutexLock lock(mutex_);
  return read();
}

Status Aliases::set(const std::string& name, const std::string& target) {
  MutexLock lock(mutex_);
  auto aliases = read();
  aliases[name] = target;
  return write(aliases);
}

Result<bool> Aliases::remove(const std::string& name) {
  MutexLock lock(mutex_);
  auto aliases = read();
  if (aliases.erase(name) == 0) return false;
  SAMOVAR_TRY(write(aliases));
  return true;
}

}  // namespace samovar::store
