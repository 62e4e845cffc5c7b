// SPDX-License-Identifier: Apache-2.0
#include "store/download.h"
#include "store/hub.h"
#include "store/model_download.h"
#include "store/sources.h"
#include "store/transfer.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

namespace samovar::store {
namespace {

// The customary file, if that is what `source` asks for; else empty.
std::string usual_file(const HubSource& source) {
  std::string usual = customary_file(source.repo);
  const bool is_asked = source.file.empty() ? is_default_quant(source.quant) : source.file == usual;
  return is_asked ? usual : std::string();
}

// The hub's record against the catalog's, before a byte is fetched.
Status check_record(const HubFile& found, const CatalogEntry& entry) {
  if (entry.sha256 && found.sha256 && *entry.sha256 != *found.sha256) {
    return corrupt(fmt::format("the hub's file has SHA-256 {}, the catalog expects {}",
                               found.sha256->hex(), entry.sha256->hex()));
  }
  if (entry.size_bytes && found.size_bytes && *entry.size_bytes != *found.size_bytes) {
    return corrupt(fmt::format("the hub's file has {} bytes, the catalog expects {}",
                               *found.size_bytes, *entry.size_bytes));
  }
  return {};
}

struct HubPart {
  std::string file;
  HubFile found;
};

// What is still to come of `part`.
uint64_t missing_bytes(const Cache& cache, const std::string& repo, const HubPart& part) {
  const uint64_t size_bytes = part.found.size_bytes.value_or(0);
  std::error_code error;
  if (std::filesystem::exists(cache.blob_path(repo, part.found.key), error)) return 0;
  const uint64_t here_bytes =
      std::filesystem::file_size(cache.partial_path(repo, part.found.key), error);
  return error ? size_bytes : size_bytes - std::min(size_bytes, here_bytes);
}

// All parts at once, before a byte of the first is fetched.
Status check_room(const PullContext& context, const std::string& repo,
                  const std::vector<HubPart>& parts) {
  uint64_t model_bytes = 0, n_missing_bytes = 0;
  for (const HubPart& part : parts) {
    model_bytes += part.found.size_bytes.value_or(0);
    n_missing_bytes += missing_bytes(context.cache, repo, part);
  }
  SAMOVAR_TRY(context.meter.expect_model(model_bytes));
  SAMOVAR_TRY(context.cache.prepare(repo));
  return need_disk(context.cache.blob_path(repo, "x"), n_missing_bytes);
}

}  // namespace

HubSource hub_source(const ModelName& name) {
  HubSource source{name.name, "", "", name.revision.empty() ? "main" : name.revision};
  (name.tag_is_file() ? source.file : source.quant) = name.tag;
  return source;
}

// Most repositories have the customary file; only where it is absent the list is needed.
Result<std::vector<std::string>> hub_files(Hub& hub, const HubSource& source) {
  if (const std::string usual = usual_file(source); !usual.empty()) {
    const Status found = hub.lookup(source.repo, source.revision, usual).status();
    if (found.ok()) return std::vector<std::string>{usual};
    if (found.code() != Code::kNotFound) return found;
  } else if (!source.file.empty()) {
    return parts_of(source.file);
  }
  SAMOVAR_ASSIGN(const auto files, hub.list_gguf(source.repo, source.revision));
  return choose_files(files, source.quant, source.repo);
}

Result<PulledModel> pull_from_hub(const PullContext& context, const HubSource& source,
                                  const CatalogEntry* entry) {
  Meter& meter = context.meter;
  Hub hub(
      context.options, [&](int64_t ms) { return meter.pause(ms); }, meter.cancel());
  SAMOVAR_TRY(meter.begin(Phase::kLookup, describe(source)));
  SAMOVAR_ASSIGN(const auto files, hub_files(hub, source));
  std::vector<HubPart> parts;
  for (const std::string& file : files) {
    SAMOVAR_ASSIGN(HubFile found, hub.lookup(source.repo, source.revision, file));
    if (entry != nullptr) SAMOVAR_TRY(check_record(found, *entry));
    parts.push_back({file, std::move(found)});
  }
  SAMOVAR_TRY(check_room(context, source.repo, parts));
  net::HttpClient client(client_options(context.options));
  PulledModel model;
  bool fetched = false;
  for (const HubPart& part : parts) {
    const auto& [file, found] = part;
    const Target target{.repo = source.repo,
                        .revision = found.commit,
                        .file = file,
                        .key = found.key,
                        .expected = {found.sha256, found.size_bytes},
                        .ref = source.revision == found.commit ? "" : source.revision,
                        .resumes = true};
    const std::string& url = part.found.url;
    SAMOVAR_ASSIGN(const Arrived arrived,
                   transfer(context.cache, target, meter, [&](BlobWriter& writer) {
                     return download_model(client, url, hub.authorization(), writer);
                   }));
    if (model.path.empty()) {
      model.path = arrived.path;
      if (const std::string usual = usual_file(source); !usual.empty() && usual != file) {
        SAMOVAR_TRY(context.cache.note_absence(source.repo, found.commit, usual));
      }
    }
    if (files.size() == 1) model.sha256 = arrived.sha256;
    fetched = fetched || arrived.fetched;
  }
  if (fetched) model.source = describe(source);
  return model;
}

}  // namespace samovar::store
