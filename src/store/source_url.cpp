// SPDX-License-Identifier: Apache-2.0
#include "store/download.h"
#include "store/model_download.h"
#include "store/own_repo.h"
#include "store/shown_url.h"
#include "store/sources.h"
#include "store/transfer.h"

namespace samovar::store {

Result<PulledModel> pull_from_url(const PullContext& context, const std::string& url,
                                  const CatalogEntry* entry) {
  const std::string repo = entry != nullptr ? own_repo_of_entry(*entry) : own_repo_of_url(url);
  Target target{repo, "", entry != nullptr ? entry->file : file_of_url(url), repo.substr(8), {}};
  if (entry != nullptr) {
    target.expected = {entry->sha256, entry->size_bytes};
    if (entry->sha256) target.key = entry->sha256->hex();
  }
  target.revision = target.key;
  target.resumes = true;
  net::HttpClient client(client_options(context.options));
  SAMOVAR_ASSIGN(const Arrived arrived,
                 transfer(context.cache, target, context.meter, [&](BlobWriter& writer) {
                   return download_model(client, url, Secret(), writer);
                 }));
  PulledModel model{arrived.path, "", 0, arrived.sha256};
  if (arrived.fetched) model.source = shown_url(url);
  return model;
}

}  // namespace samovar::store
