#include "api/model_shelf.h"

#include "api/ollama_name.h"
#include "base/log.h"
#include "gguf/split_name.h"
#include "store/model_name.h"

#include <algorithm>
#include <sys/stat.h>

namespace samovar::api {
namespace {

// "hf:user/repo:x.gguf" is "hf.co/user/repo:x.gguf" to Ollama's clients.
std::string client_name(std::string name) {
  if (name.starts_with("hf:")) name.replace(0, 3, "hf.co/");
  return name;
}

}  // namespace

std::shared_ptr<const OllamaModel> ModelShelf::describe(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return nullptr;
  const auto size_bytes = static_cast<uint64_t>(info.st_size);
  const int64_t modified_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  {
    MutexLock lock(mutex_);
    const auto found = known_.find(path);
    if (found != known_.end() && found->second.size_bytes == size_bytes &&
        found->second.modified_ns == modified_ns) {
      return found->second.model;
    }
  }
  std::shared_ptr<const OllamaModel> model;
  if (const auto file = gguf::File::open(path); !file.ok()) {
    log::debug("not listed: {}", file.status().message());
  } else if (auto described = describe_ollama_model(*file); described.ok()) {
    model = std::make_shared<const OllamaModel>(*std::move(described));
  }
  MutexLock lock(mutex_);
  known_[path] = {size_bytes, modified_ns, model};
  return model;
}

std::vector<ModelShelf::Entry> ModelShelf::list() {
  std::vector<Entry> out;
  if (models_ == nullptr) return out;
  const auto files = models_->cache().list();
  if (!files.ok()) return out;
  for (const store::CachedFile& file : *files) {
    const auto part = gguf::SplitName::parse(file.file);
    if (part && part->part > 1) continue;
    auto model = describe(file.path);
    if (model != nullptr) {
      out.push_back({client_name(models_->display_name(file)), file.path, std::move(model)});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const Entry& a, const Entry& b) {
    return a.model->modified_unix_us > b.model->modified_unix_us;
  });
  return out;
}

std::string ModelShelf::path_of(std::string_view name) const {
  if (models_ == nullptr) return {};
  const std::string wanted = store_name(name);
  const auto parsed = store::parse_model_name(wanted);
  // Clients name models, not files of this machine.
  if (!parsed.ok() || parsed->kind == store::ModelName::Kind::kPath) return {};
  const auto files = models_->cached(wanted);
  return files.ok() && !files->empty() ? files->front().path : std::string();
}

}  // namespace samovar::api
