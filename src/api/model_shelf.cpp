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

ModelShelf::ModelShelf(std::shared_ptr<const store::Store> models)
    : models_(std::move(models)),
      aliases_(models_ == nullptr ? "" : models_->options().state_dir + "/aliases") {}

bool ModelShelf::is_model_name(const std::string& name) {
  const auto parsed = store::parse_model_name(name);
  return store::is_alias_name(name) && parsed.ok() &&
         (parsed->kind == store::ModelName::Kind::kCatalog ||
          parsed->kind == store::ModelName::Kind::kHub);
}

std::string ModelShelf::alias_target(std::string_view name) const {
  if (models_ == nullptr) return {};
  const auto all = aliases_.all();
  const auto found = all.find(plain_ollama_name(name));
  return found == all.end() ? std::string() : found->second;
}

Status ModelShelf::set_alias(std::string_view name, const std::string& target) {
  // One step from name to file: an alias of an alias gets the target of that.
  const std::string last = alias_target(target);
  if (!store::is_alias_name(target)) {
    return invalid_argument("no other name can stand for \"" + target + "\"");
  }
  return aliases_.set(plain_ollama_name(name), last.empty() ? target : last);
}

Result<bool> ModelShelf::remove_alias(std::string_view name) {
  return aliases_.remove(plain_ollama_name(name));
}

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

std::optional<ModelShelf::Place> ModelShelf::find(std::string_view name) const {
  if (models_ == nullptr) return std::nullopt;
  const std::string target = alias_target(name);
  const std::string wanted = store_name(target.empty() ? name : target);
  if (!is_model_name(wanted)) return std::nullopt;
  const auto files = models_->cached(wanted);
  if (!files.ok() || files->empty()) return std::nullopt;
  return Place{client_name(models_->display_name(files->front())), files->front().path};
}

}  // namespace samovar::api
