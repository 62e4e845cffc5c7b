// SPDX-License-Identifier: Apache-2.0
#include "store/download.h"
#include "store/hub.h"
#include "store/sources.h"
#include "store/transfer.h"

#include <fmt/format.h>

namespace samovar::store {
namespace {

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

}  // namespace

Result<std::vector<std::string>> hub_files(Hub& hub, const HubSource& source) {
  if (!source.file.empty()) return std::vector<std::string>{source.file};
  SAMOVAR_ASSIGN(const auto files, hub.list_gguf(source.repo, source.revision));
  return choose_files(files, source.quant, source.repo);
}

Result<PulledModel> pull_from_hub(const PullContext& context, const HubSource& source,
                                  const CatalogEntry* entry) {
  Hub hub(context.options);
  SAMOVAR_TRY(context.meter.begin(Phase::kLookup, describe(source)));
  SAMOVAR_ASSIGN(const auto files, hub_files(hub, source));
  net::HttpClient client;
  PulledModel model;
  bool fetched = false;
  for (const std::string& file : files) {
    SAMOVAR_ASSIGN(const HubFile found, hub.lookup(source.repo, source.revision, file));
    if (entry != nullptr) SAMOVAR_TRY(check_record(found, *entry));
    const Target target{
        source.repo, found.commit, file, found.key, {found.sha256, found.size_bytes}};
    SAMOVAR_ASSIGN(const Arrived arrived,
                   transfer(context.cache, target, context.meter, [&](BlobWriter& writer) {
                     return download(client, found.url, hub.authorization(), writer);
                   }));
    if (model.path.empty()) model.path = arrived.path;
    if (files.size() == 1) model.sha256 = arrived.sha256;
    fetched = fetched || arrived.fetched;
  }
  if (fetched) model.source = describe(source);
  return model;
}

}  // namespace samovar::store
