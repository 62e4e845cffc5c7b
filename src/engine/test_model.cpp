#include "engine/test_model.h"

#include "base/check.h"
#include "model/tiny_model.h"
#include "sys/file.h"
#include "tokenizer/byte_alphabet.h"

#include <cstdlib>
#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

namespace samovar::engine {
namespace {

std::string utf8(uint32_t code) {  // below U+0800
  if (code < 0x80) return {static_cast<char>(code)};
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

std::vector<std::string> token_texts(size_t n) {
  std::vector<std::string> texts;
  for (const uint32_t code : tokenizer::kByteToCode) texts.push_back(utf8(code));
  texts.emplace_back("ab");
  while (texts.size() < n) texts.push_back(fmt::format("extra{}", texts.size()));
  return texts;
}

}  // namespace

std::string write_test_model(const std::string& variant, bool fills_in) {
  constexpr size_t kVocab = 272;
  model::TinyModel tiny = model::tiny_model(variant);
  tiny.set(variant + ".context_length", uint32_t{8192});
  tiny.set("tokenizer.ggml.model", std::string("gpt2"));
  tiny.set("tokenizer.ggml.pre", std::string("gpt-2"));
  tiny.set("tokenizer.ggml.tokens", token_texts(kVocab));
  tiny.set("tokenizer.ggml.merges", std::vector<std::string>{"a b"});
  tiny.set("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(kVocab - 1));
  if (fills_in) {
    tiny.set("tokenizer.ggml.fim_pre_token_id", static_cast<uint32_t>(kVocab - 2));
    tiny.set("tokenizer.ggml.fim_suf_token_id", static_cast<uint32_t>(kVocab - 3));
    tiny.set("tokenizer.ggml.fim_mid_token_id", static_cast<uint32_t>(kVocab - 4));
  }
  const std::vector<std::byte> bytes = tiny.build();
  char folder[] = "/tmp/samovar-engine-XXXXXX";
  SAMOVAR_CHECK(mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/tiny.gguf";
  SAMOVAR_CHECK(
      sys::write_file_atomic(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()})
          .ok());
  return path;
}

std::shared_ptr<const LoadedModel> test_model(const std::string& variant, bool fills_in) {
  const std::string path = write_test_model(variant, fills_in);
  auto loaded = LoadedModel::load(path);
  unlink(path.c_str());  // the mapping keeps the bytes
  rmdir(path.substr(0, path.rfind('/')).c_str());
  if (!loaded.ok()) fmt::print(stderr, "{}\n", loaded.status().message());
  SAMOVAR_CHECK(loaded.ok());
  return *loaded;
}

}  // namespace samovar::engine
