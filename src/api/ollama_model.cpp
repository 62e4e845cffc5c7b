#include "api/ollama_model.h"

#include "api/rfc3339.h"
#include "chat/tool_format.h"
#include "json/json.h"
#include "store/digest.h"
#include "tensor/dtype.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr std::string_view kTemplate = "tokenizer.chat_template";

// Texts of the tokens that begin a prefix where text is filled in.
constexpr std::array<std::string_view, 4> kInfillTokens = {"<|fim_prefix|>", "<fim_prefix>",
                                                           "<fim-prefix>", "<PRE>"};

bool can_insert(const gguf::File& file) {
  if (file.find("tokenizer.ggml.fim_pre_token_id") != nullptr ||
      file.find("tokenizer.ggml.prefix_token_id") != nullptr) {
    return true;
  }
  const gguf::Value* tokens = file.find("tokenizer.ggml.tokens");
  if (tokens == nullptr) return false;
  const auto bytes = tokens->payload();
  const std::string_view texts(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::any_of(kInfillTokens.begin(), kInfillTokens.end(), [&](std::string_view token) {
    return texts.find(token) != std::string_view::npos;
  });
}

// Tools are for every chat; listed where the template itself has them.
std::vector<std::string> capabilities_of(const gguf::File& file, const std::string& architecture) {
  if (file.find(architecture + ".pooling_type") != nullptr) return {"embedding"};
  std::vector<std::string> out = {"completion"};
  const gguf::Value* source = file.find(kTemplate);
  const std::string_view text = source != nullptr ? source->as_string().value_or("") : "";
  if (chat::find_tool_format(text) != nullptr) out.emplace_back("tools");
  if (!chat::find_thought_tags(text).empty()) out.emplace_back("thinking");
  if (can_insert(file)) out.emplace_back("insert");
  return out;
}

std::string real_path(const std::string& path) {
  std::array<char, 4096> target{};
  const ssize_t n = readlink(path.c_str(), target.data(), target.size());
  return n > 0 ? std::string(target.data(), static_cast<size_t>(n)) : path;
}

// In a hub's cache a file's name is its digest. Others get one of what tells them apart: nobody
// should wait until gigabytes are hashed.
std::string digest_of(const std::string& path, const struct stat& info) {
  const std::string target = real_path(path);
  const auto named = store::Digest::parse(target.substr(target.find_last_of('/') + 1));
  if (named.ok()) return named->hex();
  return store::sha256(fmt::format("{} {} {}", path, info.st_size, info.st_mtim.tv_sec)).hex();
}

template <class T>
json::Value array_json(const std::optional<std::vector<T>>& items) {
  return items ? json::Value(*items) : json::Value::array();
}

json::Value value_json(const gguf::Value& value, Arrays arrays) {
  constexpr uint64_t kShortArray = 5;
  if (value.is_array()) {
    if (arrays == Arrays::kShort && value.size() > kShortArray) return json::Value::array();
    if (value.element_type() == gguf::ValueType::kString) return array_json(value.as_strings());
    if (const auto ints = value.as_ints()) return *ints;
    return array_json(value.as_floats());
  }
  if (const auto text = value.as_string()) return *text;
  if (const auto truth = value.as_bool()) return *truth;
  if (const auto number = value.as_int()) return *number;
  if (const auto number = value.as_uint()) return *number;
  const auto number = value.as_float();
  return number ? json::Value(*number) : json::Value();
}

}  // namespace

Result<OllamaModel> describe_ollama_model(const gguf::File& file) {
  struct stat info {};
  if (stat(file.path().c_str(), &info) != 0) return errno_error(errno, file.path());
  OllamaModel out{
      .digest = digest_of(file.path(), info),
      .modified_unix_us = int64_t{info.st_mtim.tv_sec} * 1'000'000 + info.st_mtim.tv_nsec / 1000,
      .size_bytes = file.size_bytes()};
  SAMOVAR_ASSIGN(out.facts, model::model_facts(file));
  out.capabilities = capabilities_of(file, out.facts.architecture);
  return out;
}

json::Value details_json(const OllamaModel& model) {
  const model::ModelFacts& facts = model.facts;
  json::Value out = {{"parent_model", ""},
                     {"format", "gguf"},
                     {"family", facts.architecture},
                     {"families", {facts.architecture}},
                     {"parameter_size", parameter_size(facts.n_parameters)},
                     {"quantization_level", facts.quantization}};
  if (facts.n_ctx > 0) out["context_length"] = facts.n_ctx;
  if (facts.d_model > 0) out["embedding_length"] = facts.d_model;
  return out;
}

json::Value entry_json(const OllamaModel& model, const std::string& name) {
  return {{"name", name},
          {"model", name},
          {"modified_at", rfc3339(model.modified_unix_us)},
          {"size", model.size_bytes},
          {"digest", model.digest},
          {"details", details_json(model)},
          {"capabilities", model.capabilities}};
}

json::Value model_info_json(const gguf::File& file, Arrays arrays) {
  json::Value out = json::Value::object();
  for (const auto& [name, value] : file.keys()) {
    if (name != "general.name" && name != kTemplate) out[name] = value_json(value, arrays);
  }
  return out;
}

json::Value tensors_json(const gguf::File& file) {
  json::Value out = json::Value::array();
  for (const gguf::Tensor& tensor : file.tensors()) {
    const std::string_view type = dtype_name_of_id(tensor.type_id);
    json::Value shape = json::Value::array();
    for (uint32_t i = 0; i < tensor.n_dims; ++i) shape.push_back(tensor.view.dims[i]);
    out.push_back(
        {{"name", tensor.name},
         {"type", type.empty() ? fmt::format("type {}", tensor.type_id) : std::string(type)},
         {"shape", std::move(shape)}});
  }
  return out;
}

std::string parameter_size(uint64_t n_parameters) {
  const auto number = static_cast<double>(n_parameters);
  const auto scaled = [](double value, int decimals, char unit) {
    return fmt::format("{:.{}f}{}", value, value == std::floor(value) ? 0 : decimals, unit);
  };
  if (number >= 1e9) return scaled(number / 1e9, 1, 'B');
  if (number >= 1e6) return scaled(number / 1e6, 2, 'M');
  if (number >= 1e3) return scaled(number / 1e3, 0, 'K');
  return std::to_string(n_parameters);
}

}  // namespace samovar::api
