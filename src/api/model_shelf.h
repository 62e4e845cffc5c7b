// ModelShelf: the models of the store under the names that Ollama's clients see.
//
// What a file's header tells is read once for each file. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/ollama_model.h"
#include "base/sync.h"
#include "store/aliases.h"
#include "store/store.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

class ModelShelf {
 public:
  // Without a store it is empty.
  explicit ModelShelf(std::shared_ptr<const store::Store> models);

  // Whether `name` can be one of the catalog, of a hub's repository or an alias: no path, no
  // address.
  static bool is_model_name(const std::string& name);

  struct Entry {
    std::string name;
    std::string path;
    std::shared_ptr<const OllamaModel> model;
  };
  // Files that are no models, and further parts of split ones, are left out. Newest first.
  std::vector<Entry> list();
  struct Place {
    std::string name;  // as in list()
    std::string path;
  };
  // The file that `name`, as clients spell it, stands for in the store.
  std::optional<Place> find(std::string_view name) const;
  // Names that copies got; all of one spelling.
  std::map<std::string, std::string> aliases() const { return aliases_.all(); }
  std::string alias_target(std::string_view name) const;  // empty: it is none
  Status set_alias(std::string_view name, const std::string& target);
  Result<bool> remove_alias(std::string_view name);
  // The file's description, from memory if it has not changed. Null if it is no model.
  std::shared_ptr<const OllamaModel> describe(const std::string& path);

 private:
  struct Known {
    uint64_t size_bytes;
    int64_t modified_ns;
    std::shared_ptr<const OllamaModel> model;
  };

  std::shared_ptr<const store::Store> models_;
  store::Aliases aliases_;
  Mutex mutex_;
  std::map<std::string, Known> known_ SAMOVAR_TSA(guarded_by(mutex_));
};

}  // namespace samovar::api
