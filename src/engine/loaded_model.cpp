#include "engine/loaded_model.h"

#include "sys/mapped_file.h"
#include "sys/memory.h"

#include <vector>

namespace samovar::engine {

Result<std::shared_ptr<const LoadedModel>> LoadedModel::load(const std::string& path) {
  auto file = gguf::File::open(path);
  if (!file.ok()) return std::move(file).status();
  std::unique_ptr<const sys::ReadAhead> read_ahead;
  if (file->size_bytes() <= sys::machine_memory().usable_bytes()) {
    read_ahead = std::make_unique<const sys::ReadAhead>(file->mappings());
  }
  auto tokenizer = tokenizer::Tokenizer::from_gguf(*file);
  if (!tokenizer.ok()) return tokenizer.status().with_context(path);
  auto model = model::Model::load(*file);
  if (!model.ok()) return model.status().with_context(path);
  return std::shared_ptr<const LoadedModel>(new LoadedModel(
      *std::move(file), std::move(read_ahead), *std::move(model), *std::move(tokenizer)));
}

namespace {

grammar::TokenRole role_of(const tokenizer::Vocabulary& vocabulary, tokenizer::Token token) {
  if (vocabulary.is_end_of_generation(token)) return grammar::TokenRole::kEnd;
  return vocabulary.is_hidden(token) ? grammar::TokenRole::kControl : grammar::TokenRole::kText;
}

}  // namespace

std::shared_ptr<const grammar::TokenTrie> LoadedModel::token_trie() const {
  MutexLock lock(trie_mutex_);
  if (trie_ != nullptr) return trie_;
  const tokenizer::Vocabulary& vocabulary = tokenizer_.vocabulary();  // as many as logits
  std::vector<std::string> texts(vocabulary.size());
  std::vector<grammar::TokenText> tokens(vocabulary.size());
  for (size_t i = 0; i < vocabulary.size(); ++i) {
    const auto token = static_cast<tokenizer::Token>(i);
    vocabulary.append_bytes(token, texts[i]);
    tokens[i] = {texts[i], role_of(vocabulary, token)};
  }
  trie_ = std::make_shared<const grammar::TokenTrie>(tokens);
  return trie_;
}

Status LoadedModel::check_mapping() const {
  for (const auto& mapping : file_.mappings()) {
    if (mapping->damaged()) {
      return corrupt(mapping->path() + ": the file was cut short while in use; put it back whole");
    }
  }
  return {};
}

}  // namespace samovar::engine
