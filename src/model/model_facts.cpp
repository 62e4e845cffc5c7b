#include "model/model_facts.h"

#include "gguf/file.h"
#include "tensor/dtype.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

namespace samovar::model {
namespace {

constexpr int64_t kMaxCount = int64_t{1} << 40;
constexpr std::string_view kChatTemplate = "tokenizer.chat_template";

struct FileType {
  int64_t id;
  std::string_view name;
};
// general.file_type, the ids of the GGUF specification.
constexpr std::array kFileTypes = {
    FileType{0, "F32"},     FileType{1, "F16"},     FileType{2, "Q4_0"},    FileType{3, "Q4_1"},
    FileType{7, "Q8_0"},    FileType{8, "Q5_0"},    FileType{9, "Q5_1"},    FileType{10, "Q2_K"},
    FileType{11, "Q3_K_S"}, FileType{12, "Q3_K_M"}, FileType{13, "Q3_K_L"}, FileType{14, "Q4_K_S"},
    FileType{15, "Q4_K_M"}, FileType{16, "Q5_K_S"}, FileType{17, "Q5_K_M"}, FileType{18, "Q6_K"},
    FileType{25, "IQ4_NL"}, FileType{30, "IQ4_XS"}, FileType{32, "BF16"},
};

// The storage type that takes the most bytes.
std::string main_dtype(const gguf::File& file) {
  std::map<uint32_t, uint64_t> bytes_of;
  for (const gguf::Tensor& tensor : file.tensors()) bytes_of[tensor.type_id] += tensor.size_bytes;
  if (bytes_of.empty()) return "none";
  const auto most = std::max_element(bytes_of.begin(), bytes_of.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  const std::string_view name = dtype_name_of_id(most->first);
  return name.empty() ? fmt::format("type {}", most->first) : std::string(name);
}

Result<std::string> quantization(const gguf::File& file) {
  SAMOVAR_ASSIGN(const int64_t id, file.get_int("general.file_type", 0, kMaxCount, -1));
  for (const FileType& type : kFileTypes) {
    if (type.id == id) return std::string(type.name);
  }
  return main_dtype(file);
}

uint64_t count_parameters(const gguf::File& file) {
  uint64_t n = 0;
  for (const gguf::Tensor& tensor : file.tensors()) {
    n += static_cast<uint64_t>(tensor.view.cols()) * static_cast<uint64_t>(tensor.view.rows());
  }
  return n;
}

}  // namespace

Result<ModelFacts> model_facts(const gguf::File& file) {
  ModelFacts facts;
  SAMOVAR_ASSIGN(const std::string_view architecture, file.get_string("general.architecture"));
  SAMOVAR_ASSIGN(const std::string_view name, file.get_string("general.name", ""));
  SAMOVAR_ASSIGN(const std::string_view license, file.get_string("general.license", ""));
  facts.path = file.path();
  facts.architecture = std::string(architecture);
  facts.name = std::string(name);
  facts.license = std::string(license);
  SAMOVAR_ASSIGN(facts.quantization, quantization(file));
  const auto of_architecture = [&](const char* key) {
    return file.get_int(fmt::format("{}.{}", architecture, key), 0, kMaxCount, 0);
  };
  SAMOVAR_ASSIGN(facts.n_ctx, of_architecture("context_length"));
  SAMOVAR_ASSIGN(facts.n_layer, of_architecture("block_count"));
  SAMOVAR_ASSIGN(facts.d_model, of_architecture("embedding_length"));
  const gguf::Value* const tokens = file.find("tokenizer.ggml.tokens");
  facts.n_vocab = tokens != nullptr ? static_cast<int64_t>(tokens->size()) : 0;
  facts.has_template = file.find(kChatTemplate) != nullptr;
  facts.n_parameters = count_parameters(file);
  facts.size_bytes = file.size_bytes();
  facts.gguf_version = file.version();
  return facts;
}

Result<std::string_view> chat_template_text(const gguf::File& file) {
  SAMOVAR_ASSIGN(const std::string_view text, file.get_string(kChatTemplate, ""));
  if (text.empty()) return not_found(file.path() + ": the file has no chat template");
  return text;
}

}  // namespace samovar::model
