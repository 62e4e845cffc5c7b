// A row's logits depend on its own sequence alone: not on its batch, the chunks of its prompt, the
// threads or the instruction set. All comparisons are of bits.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/select.h"
#include "model/debug_logits.h"
#include "model/tiny_model.h"
#include "sys/cpu.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

#include <doctest/doctest.h>

namespace {
std::atomic<int64_t> allocations{0};
}  // namespace

// Counts every operator new of this binary; the other forms end here. Not inlined: GCC would see
// free() of what new gave.
[[gnu::noinline]] void* operator new(size_t n) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(n == 0 ? 1 : n)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace samovar::model {
namespace {

using kernels::KvType;
using Logits = std::vector<float>;  // [n rows, n_vocab]

constexpr int64_t kPrompt = 70;  // tokens: more than a page, and more than a sliding window

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

int32_t token_at(int32_t seed, int64_t i) {
  return static_cast<int32_t>((i * 37 + seed * 101) % 272);
}

// One model with its state; batches are built by hand.
struct Engine {
  explicit Engine(const Model& m, KvType type = KvType::kF32, int n_threads = 2,
                  sys::Isa isa = sys::detect_isa())
      : model(m),
        table(kernels::select(isa)),
        pool(n_threads),
        kv(*KvCache::create(m.config(), type, 16, ledger)),
        workspace(*Workspace::create(m.config(), {.max_rows = 96, .max_logit_rows = 96}, ledger)) {}

  PageTable pages(int64_t n) {
    PageTable table_of_pages;
    for (int64_t i = 0; i < n; ++i) table_of_pages.push_back(kv.allocate().value());
    return table_of_pages;
  }
  // Runs the batch; RETURNS the logits of the rows that want them.
  Logits run(const Batch& batch) {
    const Status status = forward(model, table, batch, kv, workspace, pool);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message()));
    Logits logits;
    int64_t i = 0;
    for (const BatchRow& row : batch.rows) {
      if (!row.wants_logits) continue;
      const auto of_row = workspace.logits(i++);
      logits.insert(logits.end(), of_row.begin(), of_row.end());
    }
    return logits;
  }
  // Tokens begin..end-1 of the sequence `seed`, all with logits.
  Logits run(const PageTable& table_of_pages, int32_t seed, int64_t begin, int64_t end) {
    Batch batch{.rows = {}, .sequences = {{&table_of_pages}}};
    for (int64_t i = begin; i < end; ++i) {
      batch.rows.push_back({token_at(seed, i), static_cast<int32_t>(i), 0, true});
    }
    return run(batch);
  }
  Logits run_in_chunks(int32_t seed, int64_t n, int64_t chunk) {
    const PageTable table_of_pages = pages(2);
    Logits all;
    for (int64_t i = 0; i < n; i += chunk) {
      const Logits some = run(table_of_pages, seed, i, std::min(i + chunk, n));
      all.insert(all.end(), some.begin(), some.end());
    }
    for (const PageId page : table_of_pages) kv.release(page);
    return all;
  }

  const Model& model;
  kernels::KernelTable table;
  ThreadPool pool;
  Ledger ledger;
  KvCache kv;
  Workspace workspace;
};

const LoadedModel& quantized(std::string_view variant) {
  static const LoadedModel llama = load(tiny_quantized_model("llama-bias"));
  static const LoadedModel gemma = load(tiny_quantized_model("gemma3"));
  static const LoadedModel phi = load(tiny_quantized_model("phi2-fused"));
  return variant == "llama-bias" ? llama : variant == "gemma3" ? gemma : phi;
}
constexpr std::string_view kModels[] = {"llama-bias", "gemma3", "phi2-fused"};

TEST_CASE("a prompt in chunks of 1 to 8 or 64 rows gives the logits of the whole prompt") {
  for (const std::string_view name : kModels) {
    for (const KvType type : {KvType::kF32, KvType::kF16, KvType::kI16, KvType::kQ8_0}) {
      Engine engine(quantized(name).model, type);
      const Logits whole = engine.run_in_chunks(1, kPrompt, kPrompt);
      for (const int64_t chunk : {1, 2, 3, 4, 5, 6, 7, 8, 64}) {
        CAPTURE(name);
        CAPTURE(chunk);
        CHECK(same_bits(whole, engine.run_in_chunks(1, kPrompt, chunk)));
      }
    }
  }
}

TEST_CASE("the number of threads changes no bit") {
  for (const std::string_view name : kModels) {
    Engine one(quantized(name).model, KvType::kI16, 1);
    const Logits expected = one.run_in_chunks(1, kPrompt, 32);
    for (const int n_threads : {2, 3, 4}) {
      Engine more(quantized(name).model, KvType::kI16, n_threads);
      CHECK(same_bits(expected, more.run_in_chunks(1, kPrompt, 32)));
      CHECK(same_bits(std::span(expected).first(272), more.run_in_chunks(1, 1, 1)));
    }
  }
}

TEST_CASE("every instruction set level of this machine gives the same bits") {
  for (const std::string_view name : kModels) {
    Engine scalar(quantized(name).model, KvType::kI16, 2, sys::Isa::kScalar);
    const Logits expected = scalar.run_in_chunks(1, kPrompt, kPrompt);
    for (const sys::Isa isa : {sys::Isa::kAvx2, sys::Isa::kAvx512, sys::Isa::kVnni}) {
      if (isa > sys::detect_isa()) continue;
      CAPTURE(sys::isa_name(isa));
      Engine engine(quantized(name).model, KvType::kI16, 2, isa);
      CHECK(same_bits(expected, engine.run_in_chunks(1, kPrompt, kPrompt)));
      CHECK(same_bits(std::span(expected).first(272), engine.run_in_chunks(1, 1, 1)));
    }
  }
}

TEST_CASE("sequences that share batches give the logits that each gives alone") {
  for (const std::string_view name : kModels) {
    Engine engine(quantized(name).model, KvType::kI16);
    std::vector<Logits> alone;
    std::vector<PageTable> tables;
    for (int32_t s = 0; s < 3; ++s) {
      alone.push_back(engine.run_in_chunks(s, kPrompt, kPrompt));
      tables.push_back(engine.pages(2));
    }
    // Sequence s takes s + 1 rows of each batch, so that they are at different depths; rows
    // interleave.
    std::vector<Logits> mixed(3);
    for (int64_t step = 0; step < kPrompt; ++step) {
      Batch batch{.rows = {}, .sequences = {{&tables[0]}, {&tables[1]}, {&tables[2]}}};
      for (int32_t k = 0; k < 3; ++k) {
        for (int32_t s = k; s < 3; ++s) {
          const int64_t i = step * (s + 1) + k;
          if (i < kPrompt) {
            batch.rows.push_back({token_at(s, i), static_cast<int32_t>(i), s, true});
          }
        }
      }
      const Logits logits = engine.run(batch);
      for (size_t r = 0; r < batch.rows.size(); ++r) {
        Logits& own = mixed[static_cast<size_t>(batch.rows[r].sequence)];
        const auto row = std::span(logits).subspan(r * 272, 272);
        own.insert(own.end(), row.begin(), row.end());
      }
    }
    for (size_t s = 0; s < 3; ++s) CHECK(same_bits(alone[s], mixed[s]));
  }
}

TEST_CASE("final states are those of the row alone, whatever stands beside it in the batch") {
  for (const std::string_view name : kModels) {
    constexpr int64_t kRows = 40;
    Engine engine(quantized(name).model);
    const PageTable a = engine.pages(2), b = engine.pages(2);
    Batch alone{.rows = {}, .sequences = {{&a}}};
    Batch mixed{.rows = {}, .sequences = {{&a}, {&b}}};
    for (int32_t i = 0; i < kRows; ++i) {
      const int32_t token = token_at(1, i);
      alone.rows.push_back({.token = token, .position = i, .wants_state = true});
      mixed.rows.push_back(
          {.token = token_at(2, i), .position = i, .sequence = 1, .wants_logits = i % 3 == 0});
      mixed.rows.push_back({.token = token, .position = i, .wants_state = i % 2 == 0});
    }
    CHECK(engine.run(alone).empty());
    std::vector<Logits> expected;
    for (int64_t i = 0; i < kRows; ++i) {
      const auto state = engine.workspace.state(i);
      expected.emplace_back(state.begin(), state.end());
    }
    const Logits logits = engine.run(mixed);
    int64_t i_output = 0;
    for (const BatchRow& row : mixed.rows) {
      if (row.wants_state) {
        CHECK(same_bits(expected[static_cast<size_t>(row.position)],
                        engine.workspace.state(i_output)));
      }
      if (row.wants_state || row.wants_logits) ++i_output;
    }
    const Logits other = engine.run_in_chunks(2, kRows, kRows);
    for (size_t i = 0; i * 3 < static_cast<size_t>(kRows); ++i) {
      CHECK(same_bits(std::span(logits).subspan(i * 272, 272),
                      std::span(other).subspan(i * 3 * 272, 272)));
    }
  }
}

TEST_CASE("rows without logits leave those with logits alone") {
  for (const std::string_view name : kModels) {
    Engine engine(quantized(name).model);
    const Logits all = engine.run_in_chunks(1, kPrompt, kPrompt);
    const PageTable table = engine.pages(2);
    Batch batch{.rows = {}, .sequences = {{&table}}};
    for (int64_t i = 0; i < kPrompt; ++i) {
      const bool wanted = i == 5 || i == kPrompt - 1;
      batch.rows.push_back({token_at(1, i), static_cast<int32_t>(i), 0, wanted});
    }
    const Logits some = engine.run(batch);
    CHECK(same_bits(std::span(all).subspan(5 * 272, 272), std::span(some).first(272)));
    CHECK(same_bits(std::span(all).last(272), std::span(some).last(272)));
  }
}

TEST_CASE("a sequence that borrows or copies another's pages continues as if they were its own") {
  Engine engine(quantized("llama-bias").model, KvType::kI16);
  const Logits expected = engine.run_in_chunks(1, kPrompt, kPrompt);
  const PageTable first = engine.pages(2);
  engine.run(first, 1, 0, 66);

  engine.kv.retain(first[0]);
  const PageTable sharing = {first[0], engine.kv.allocate().value()};
  CHECK(same_bits(std::span(expected).subspan(64 * 272, 6 * 272), engine.run(sharing, 1, 64, 70)));

  engine.kv.retain(first[0]);
  const PageTable fork = {first[0], engine.kv.copy(first[1], 2).value()};
  CHECK(same_bits(std::span(expected).subspan(66 * 272, 4 * 272), engine.run(fork, 1, 66, 70)));
}

TEST_CASE("a file's softcap bends the logits, and nothing before them") {
  TinyModel tiny = tiny_quantized_model("gemma3");
  tiny.set("gemma3.final_logit_softcapping", 2.0F);
  const LoadedModel capped = load(tiny);
  Engine engine(quantized("gemma3").model);
  Logits expected = engine.run_in_chunks(1, kPrompt, kPrompt);
  engine.table.softcap(expected.data(), 2.0F, static_cast<int64_t>(expected.size()));
  CHECK(same_bits(expected, Engine(capped.model).run_in_chunks(1, kPrompt, kPrompt)));
}

TEST_CASE("forward allocates nothing") {
  for (const std::string_view name : kModels) {
    Engine engine(quantized(name).model, KvType::kI16);
    const PageTable table = engine.pages(2);
    Batch prompt{.rows = {}, .sequences = {{&table}}};
    for (int32_t i = 0; i < 66; ++i) prompt.rows.push_back({token_at(1, i), i, 0, i == 65});
    const Batch step{.rows = {{1, 66, 0, true}}, .sequences = {{&table}}};
    const int64_t before = allocations.load();
    const Status a =
        forward(engine.model, engine.table, prompt, engine.kv, engine.workspace, engine.pool);
    const Status b =
        forward(engine.model, engine.table, step, engine.kv, engine.workspace, engine.pool);
    CHECK(allocations.load() == before);
    CHECK(a.ok());
    CHECK(b.ok());
  }
}

TEST_CASE("batches that break a limit are refused with the row and the limit") {
  Engine engine(quantized("llama-bias").model);
  const PageTable table = engine.pages(1);
  const auto refusal = [&](const std::vector<BatchRow>& rows) {
    const Batch batch{.rows = rows, .sequences = {{&table}}};
    const Status status =
        forward(engine.model, engine.table, batch, engine.kv, engine.workspace, engine.pool);
    CHECK(status.code() == Code::kInvalidArgument);
    return std::string(status.message());
  };
  CHECK(refusal({{272, 0, 0, false}}) == "row 0: token 272 is not one of the 272 of this model");
  CHECK(refusal({{-1, 0, 0, false}}).find("token -1") != std::string::npos);
  CHECK(refusal({{0, 64, 0, false}}) ==
        "row 0: position 64 is outside the 1 pages of its sequence");
  CHECK(refusal({{0, -1, 0, false}}).find("position -1") != std::string::npos);
  CHECK(refusal({{0, 0, 1, false}}) == "row 0: sequence 1 of 1");
  CHECK(refusal(std::vector<BatchRow>(97)).find("97 rows") != std::string::npos);
}

TEST_CASE("an empty batch is done at once") {
  Engine engine(quantized("llama-bias").model);
  CHECK(engine.run(Batch{}).empty());
}

TEST_CASE("debug_logits streams the logits of every position") {
  const Model& model = quantized("gemma3").model;
  Engine engine(model, KvType::kI16);
  const Logits expected = engine.run_in_chunks(1, kPrompt, kPrompt);
  std::vector<int32_t> tokens;
  for (int64_t i = 0; i < kPrompt; ++i) tokens.push_back(token_at(1, i));
  Logits streamed;
  const LogitSink sink = [&](std::span<const float> rows) {
    streamed.insert(streamed.end(), rows.begin(), rows.end());
    return Status();
  };
  CHECK(debug_logits(model, engine.table, engine.pool, tokens, {.n_ctx = kPrompt}, sink).ok());
  CHECK(same_bits(expected, streamed));
  const Status refused =
      debug_logits(model, engine.table, engine.pool, tokens, {.n_ctx = kPrompt - 1}, sink);
  CHECK(refused.message() == "70 tokens, expected 1 to 69 (the context)");
}

}  // namespace
}  // namespace samovar::model
