// samovar list
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "json/json.h"
#include "store/store.h"

#include <string>
#include <vector>

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

std::string files_table(const store::Store& models, const std::vector<store::CachedFile>& files) {
  if (files.empty()) return fmt::format("no models in {}\n", models.cache().dir());
  std::vector<std::vector<std::string>> rows;
  for (const store::CachedFile& file : files) {
    rows.push_back({models.display_name(file), human_bytes(file.size_bytes), file.path});
  }
  return table({{"NAME"}, {"SIZE", Column::Align::kRight}, {"FILE"}}, rows);
}

std::string catalog_table(const store::Store& models) {
  std::vector<std::vector<std::string>> rows;
  for (const store::CatalogEntry& entry : models.catalog().entries()) {
    rows.push_back({entry.name, entry.size_bytes ? human_bytes(*entry.size_bytes) : "",
                    fmt::format("{} ({})", entry.description, entry.license)});
  }
  return "\nTo be had by samovar pull NAME:\n" +
         table({{"NAME"}, {"SIZE", Column::Align::kRight}, {"WHAT"}}, rows);
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
    return write_stdout(files_table(models, files) + (options_.all ? catalog_table(models) : ""));
  }

 private:
  ListOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_list() {
  return std::make_unique<List>();
}

}  // namespace samovar::cli
