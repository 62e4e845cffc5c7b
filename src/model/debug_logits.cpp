#include "model/debug_logits.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::model {
namespace {

constexpr int64_t kChunkRows = 32;  // 20 MB of logits for a vocabulary of 152 k

Result<PageTable> allocate_pages(KvCache& kv, int64_t n_pages) {
  PageTable pages;
  for (int64_t i = 0; i < n_pages; ++i) {
    const auto page = kv.allocate();
    if (!page) return internal_error("a fresh KV cache ran out of pages");
    pages.push_back(*page);
  }
  return pages;
}

}  // namespace

Status debug_logits(const Model& model, const kernels::KernelTable& kernels, ThreadPool& pool,
                    std::span<const int32_t> tokens, const DebugLogitsOptions& options,
                    const LogitSink& sink) {
  const auto n_tokens = static_cast<int64_t>(tokens.size());
  if (n_tokens == 0 || n_tokens > options.n_ctx) {
    return invalid_argument(
        fmt::format("{} tokens, expected 1 to {} (the context)", n_tokens, options.n_ctx));
  }
  Ledger ledger;
  const int64_t n_pages = pages_for(n_tokens);
  SAMOVAR_ASSIGN(KvCache kv, KvCache::create(model.config(), options.kv_type, n_pages, ledger));
  SAMOVAR_ASSIGN(const PageTable pages, allocate_pages(kv, n_pages));
  const WorkspaceOptions sizes{.max_rows = kChunkRows, .max_logit_rows = kChunkRows};
  SAMOVAR_ASSIGN(Workspace workspace, Workspace::create(model.config(), sizes, ledger));

  Batch batch{.rows = {}, .sequences = {{&pages}}};
  for (int64_t begin = 0; begin < n_tokens; begin += kChunkRows) {
    const int64_t end = std::min(begin + kChunkRows, n_tokens);
    batch.rows.clear();
    for (int64_t i = begin; i < end; ++i) {
      batch.rows.push_back({.token = tokens[static_cast<size_t>(i)],
                            .position = static_cast<int32_t>(i),
                            .sequence = 0,
                            .wants_logits = true});
    }
    SAMOVAR_TRY(forward(model, kernels, batch, kv, workspace, pool));
    const auto n_logits = static_cast<size_t>((end - begin) * model.config().n_vocab);
    SAMOVAR_TRY(sink({workspace.logits(0).data(), n_logits}));
  }
  return {};
}

}  // namespace samovar::model
