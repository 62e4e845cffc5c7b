#include "cli/flags.h"

namespace samovar::cli {

std::string Flag::long_name() const {
  return names.substr(names.find(',') + 1);
}

std::string Flag::environment() const {
  if (is_positional()) return "";
  std::string name = "SAMOVAR_" + long_name().substr(2);
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

}  // namespace samovar::cli
