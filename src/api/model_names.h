// ModelNames: which models this server serves, and what clients may call them.
//
// They come from the command line, a folder, the store, or several of these; the same file is one
// model, by its first name in that order. Folder and store are looked at anew each time, so that a
// model that was pulled is there at once. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_shelf.h"
#include "api/model_table.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

struct ModelNamesOptions {
  std::vector<ModelSource> named;    // on the command line, in its order
  std::vector<std::string> aliases;  // further names of the only one
  std::string folder =
      {};              // its *.gguf files, and those of its folders by their names; empty: none
  bool store = false;  // all of the store
};

class ModelNames {
 public:
  // BORROWS the shelf.
  ModelNames(ModelNamesOptions options, ModelShelf& shelf);

  // The one model there is, whatever requests call it. Null where there may be others.
  const ModelSource* only() const;
  // Those of the command line first.
  std::vector<ModelSource> list() const;
  // By its id, path, file name, alias, or another name that the store knows it by; without case, as
  // Ollama's clients spell it.
  std::optional<ModelSource> find(std::string_view name) const;
  // Of requests that name none: the first one of the command line, else the default model, else the
  // only one there is.
  std::optional<ModelSource> standard() const;

 private:
  std::vector<ModelSource> in_folder() const;
  bool is_named(const ModelSource& source, std::string_view name) const;
  std::optional<ModelSource> find_here(std::string_view name) const;  // not in the store
  std::optional<ModelSource> by_path(const std::string& path) const;

  const ModelNamesOptions options_;
  ModelShelf& shelf_;
};

// Whether both paths lead to the same file that exists.
bool same_file(const std::string& a, const std::string& b);

}  // namespace samovar::api
