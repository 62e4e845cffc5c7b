// samovar list
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "json/json.h"
#include "store/store.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

struct ListOptions {
  bool json = false;
  bool all = false;
};

json::Value to_json(const store::Store& models, const store::CachedFile& file) {
  return {
      {"name", models.display_name(file)}, {"repo", file.repo}, {"file", file.file},
      {"revision", file.revision},         {"path", file.path}, {"size_bytes", file.size_bytes}};
}

std::string table(const store::Store& models, const std::vector<store::CachedFile>& files) {
  if (files.empty()) return fmt::format("no models in {}\n", models.cache().dir());
  std::vector<std::string> names;
  for (const store::CachedFile& file : files) names.push_back(models.display_name(file));
  size_t width = 4;
  for (const std::string& name : names) width = std::max(width, name.size());
  std::string text = fmt::format("{:<{}}  {:>8}  FILE\n", "NAME", width, "SIZE");
  for (size_t i = 0; i < files.size(); ++i) {
    text += fmt::format("{:<{}}  {:>8}  {}\n", names[i], width, human_bytes(files[i].size_bytes),
                        files[i].path);
  }
  return text;
}

std::string catalog_table(const store::Store& models) {
  std::string text = "\nTo be had by samovar pull NAME:\n";
  for (const store::CatalogEntry& entry : models.catalog().entries()) {
    const std::string size = entry.size_bytes ? human_bytes(*entry.size_bytes) : "";
    text +=
        fmt::format("{:<20} {:>8}  {} ({})\n", entry.name, size, entry.description, entry.license);
  }
  return text;
}

class List final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("-a,--all", &options_.all, "also the models of the catalog that are not here");
    flags.add("--json", &options_.json, "a JSON array");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const auto files, models.cache().list());
    if (options_.json) {
      json::Value array = json::Value::array();
      for (const store::CachedFile& file : files) array.push_back(to_json(models, file));
      return write_stdout(json::dump(array) + "\n");
    }
    return write_stdout(table(models, files) + (options_.all ? catalog_table(models) : ""));
  }

 private:
  ListOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_list() {
  return std::make_unique<List>();
}

}  // namespace samovar::cli
