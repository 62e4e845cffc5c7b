#include "store/own_repo.h"

#include "store/digest.h"
#include "store/model_name.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::store {

std::string own_repo_of_entry(const CatalogEntry& entry) {
  std::string name = entry.name;
  std::replace(name.begin(), name.end(), ':', '-');
  return "samovar/" + name;
}

std::string own_repo_of_package(std::string_view package) {
  return fmt::format("samovar/pypi-{}", package);
}

std::string own_repo_of_url(std::string_view url) {
  return "samovar/url-" + sha256(url).hex().substr(0, 16);
}

std::string file_of_url(std::string_view url) {
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  const std::string_view file = path.substr(path.rfind('/') + 1);
  return is_safe_segment(file) ? std::string(file) : "model.gguf";
}

}  // namespace samovar::store
