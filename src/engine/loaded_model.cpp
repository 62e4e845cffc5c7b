#include "engine/loaded_model.h"

#include "sys/mapped_file.h"

namespace samovar::engine {

Result<std::shared_ptr<const LoadedModel>> LoadedModel::load(const std::string& path) {
  auto file = gguf::File::open(path);
  if (!file.ok()) return std::move(file).status();
  auto tokenizer = tokenizer::Tokenizer::from_gguf(*file);
  if (!tokenizer.ok()) return tokenizer.status().with_context(path);
  auto model = model::Model::load(*file);
  if (!model.ok()) return model.status().with_context(path);
  return std::shared_ptr<const LoadedModel>(
      new LoadedModel(*std::move(file), *std::move(model), *std::move(tokenizer)));
}

Status LoadedModel::check_mapping() const {
  for (const auto& mapping : file_.mappings()) {
    if (mapping->damaged()) {
      return corrupt(mapping->path() + ": the file was cut short while in use; load it again");
    }
  }
  return {};
}

}  // namespace samovar::engine
