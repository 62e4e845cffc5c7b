// LoadedModel: one model file, mapped and checked, with its network and its tokenizer.
//
// Shared between the engine and the request handlers; unloaded with the last reference.
// Thread: const after load().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "base/sync.h"
#include "gguf/file.h"
#include "grammar/token_trie.h"
#include "model/model.h"
#include "sys/read_ahead.h"
#include "tokenizer/tokenizer.h"

#include <memory>
#include <string>

namespace samovar::engine {

class LoadedModel {
 public:
  // Maps and validates; no weight is waited for, but a thread begins to read them where all of them
  // find room in memory. Errors as gguf::File::open, Tokenizer::from_gguf and
  // Model::load give them, with `path` in front.
  static Result<std::shared_ptr<const LoadedModel>> load(const std::string& path);

  const gguf::File& file() const { return file_; }
  const model::Model& model() const { return model_; }
  const tokenizer::Tokenizer& tokenizer() const { return tokenizer_; }
  // What grammars need of the vocabulary; made at the first call (50 to 120 ms for 150,000 to
  // 260,000 tokens). THREAD: any.
  std::shared_ptr<const grammar::TokenTrie> token_trie() const;
  // kCorrupt once a part of the file was found missing under the mapping.
  Status check_mapping() const;

 private:
  LoadedModel(gguf::File file, std::unique_ptr<const sys::ReadAhead> read_ahead, model::Model model,
              tokenizer::Tokenizer tokenizer)
      : file_(std::move(file)),
        read_ahead_(std::move(read_ahead)),
        model_(std::move(model)),
        tokenizer_(std::move(tokenizer)) {}
  gguf::File file_;
  std::unique_ptr<const sys::ReadAhead> read_ahead_;  // null: too large for this machine's memory
  model::Model model_;
  tokenizer::Tokenizer tokenizer_;
  mutable Mutex trie_mutex_;
  mutable std::shared_ptr<const grammar::TokenTrie> trie_ SAMOVAR_TSA(guarded_by(trie_mutex_));
};

}  // namespace samovar::engine
