#include "engine/kernel_proof.h"

#include "base/rng.h"
#include "kernels/select.h"
#include "model/kv_cache.h"
#include "tensor/dtype.h"

#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace samovar::engine {
namespace {

using kernels::ActBlock;
using kernels::ActFormat;
using kernels::ActRow;
using kernels::AttnRow;
using kernels::KernelTable;

constexpr int64_t kWidth = 512;  // elements of a row: two blocks of the widest type
constexpr int64_t kRows = 19;    // of weights: full tiles and a rest
constexpr int64_t kActs = 11;    // of activations, likewise
constexpr int64_t kHead = 64;
constexpr uint64_t kSeed = 20260101;

using Floats = std::vector<float>;

bool same_bits(std::span<const float> a, std::span<const float> b) {
  for (size_t i = 0; i < a.size(); ++i) {
    const bool both_nan = a[i] != a[i] && b[i] != b[i];
    if (!both_nan && std::memcmp(&a[i], &b[i], sizeof(float)) != 0) return false;
  }
  return true;
}

class Proof {
 public:
  Proof(const KernelTable& table, const KernelTable& reference)
      : table_(table), reference_(reference), rng_(kSeed) {}

  Status run() {
    for (uint32_t id = 0; id < std::size(table_.matmul); ++id) SAMOVAR_TRY(matmul(id));
    SAMOVAR_TRY(rows());
    for (int type = 0; type < kernels::kKvTypes; ++type) {
      SAMOVAR_TRY(attention(static_cast<kernels::KvType>(type)));
    }
    return {};
  }

 private:
  Status differ(std::string_view kernel) const {
    return internal_error(
        fmt::format("the {} kernel of level {} gives other bits than scalar code on this CPU",
                    kernel, table_.level));
  }

  float uniform() { return static_cast<float>(rng_.next_double() * 2 - 1); }
  Floats floats(int64_t n) {
    Floats values(static_cast<size_t>(n));
    for (float& value : values) value = uniform();
    return values;
  }

  // Any bytes but those that make an infinity or a NaN of a float of 16 or 32 bits.
  std::vector<std::byte> weights(size_t n_bytes, bool is_large) {
    std::vector<std::byte> bytes(n_bytes);
    for (std::byte& byte : bytes) {
      const auto any = static_cast<uint8_t>(rng_.next_u64());
      byte = std::byte(is_large ? (any | 0x40) & 0xDF : any & 0xBF);
    }
    return bytes;
  }

  Status matmul(uint32_t id) {
    const auto type = dtype_from_id(id);
    if (!type || reference_.matmul[id] == nullptr) return {};
    for (const bool is_large : {false, true}) {
      const auto bytes = weights(row_bytes(*type, kWidth) * static_cast<size_t>(kRows), is_large);
      const Floats x = floats(kActs * kWidth);
      const auto product = [&](const KernelTable& by, int64_t n_acts) {
        return multiply(by, *type, bytes, x, n_acts);
      };
      for (const int64_t n_acts : {int64_t{1}, int64_t{2}, kActs}) {
        if (!same_bits(product(table_, n_acts), product(reference_, n_acts))) {
          return differ(fmt::format("{} product", traits(*type).name));
        }
      }
      Floats a(static_cast<size_t>(kWidth)), b(a);
      table_.decode_row(id, bytes.data(), kWidth, a.data());
      reference_.decode_row(id, bytes.data(), kWidth, b.data());
      if (!same_bits(a, b)) return differ(fmt::format("{} decoding", traits(*type).name));
    }
    return {};
  }

  static Floats multiply(const KernelTable& by, DType type, std::span<const std::byte> bytes,
                         const Floats& x, int64_t n_acts) {
    constexpr auto kBlocks = static_cast<size_t>(kWidth / kernels::kActBlock);
    std::vector<ActBlock> blocks(kBlocks * static_cast<size_t>(n_acts));
    std::vector<ActRow> acts;
    const ActFormat format = kernels::act_format(type);
    for (size_t t = 0; t < static_cast<size_t>(n_acts); ++t) {
      const float* const row = x.data() + t * static_cast<size_t>(kWidth);
      ActBlock* const own = blocks.data() + t * kBlocks;
      if (format == ActFormat::kF32) {
        acts.push_back({row, nullptr});
        continue;
      }
      kernels::quantizer(by, format, n_acts)(row, kWidth, own);
      acts.push_back({nullptr, own});
    }
    Floats out(static_cast<size_t>(n_acts * kRows));
    by.matmul[static_cast<size_t>(type)](bytes.data(), row_bytes(type, kWidth), kRows, acts.data(),
                                         n_acts, kWidth, out.data(), kRows);
    return out;
  }

  // What works on rows of floats.
  Status rows() {
    constexpr int64_t n = kWidth - 3;
    const Floats x = floats(n), y = floats(n), z = floats(n);
    using Step = std::function<void(const KernelTable&, float*)>;
    const std::pair<const char*, Step> steps[] = {
        {"rms_norm", [&](auto& by, float* o) { by.rms_norm(o, y.data(), 1e-5F, n, o); }},
        {"layer_norm",
         [&](auto& by, float* o) { by.layer_norm(o, y.data(), z.data(), 1e-5F, n, o); }},
        {"rope_norm", [&](auto& by, float* o) { by.rope_norm(o, y.data(), kHead); }},
        {"rope_neox", [&](auto& by, float* o) { by.rope_neox(o, y.data(), kHead); }},
        {"add", [&](auto& by, float* o) { by.add(o, y.data(), n); }},
        {"scale", [&](auto& by, float* o) { by.scale(o, 0.3F, n); }},
        {"silu_mul", [&](auto& by, float* o) { by.silu_mul(o, y.data(), n); }},
        {"gelu_mul", [&](auto& by, float* o) { by.gelu_mul(o, y.data(), n); }},
        {"gelu", [&](auto& by, float* o) { by.gelu(o, n); }},
        {"softcap", [&](auto& by, float* o) { by.softcap(o, 0.5F, n); }}};
    for (const auto& [name, step] : steps) {
      Floats a = x, b = x;
      step(table_, a.data());
      step(reference_, b.data());
      if (!same_bits(a, b)) return differ(name);
    }
    return {};
  }

  Status attention(kernels::KvType type) {
    const Floats keys = floats(kernels::kPageTokens * kHead);
    const Floats values = floats(kernels::kPageTokens * kHead);
    const Floats queries = floats(kActs * kHead);
    SAMOVAR_ASSIGN(const Floats a, attend(table_, type, keys, values, queries));
    SAMOVAR_ASSIGN(const Floats b, attend(reference_, type, keys, values, queries));
    return same_bits(a, b) ? Status() : differ("attention");
  }

  static Result<Floats> attend(const KernelTable& by, kernels::KvType type, const Floats& keys,
                               const Floats& values, const Floats& queries) {
    model::ModelConfig config;
    config.n_layer = config.n_head = config.n_head_kv = 1;
    config.d_head_k = config.d_head_v = kHead;
    Ledger ledger;
    SAMOVAR_ASSIGN(model::KvCache cache, model::KvCache::create(config, type, 1, ledger));
    const kernels::KvBlock block = cache.block(*cache.allocate(), 0, 0);
    for (int64_t t = 0; t < kernels::kPageTokens; ++t) {
      by.store_key(keys.data() + t * kHead, block, t);
      by.store_value(values.data() + t * kHead, block, t);
    }
    Floats acc(queries.size());
    std::vector<int16_t> codes(queries.size());
    std::vector<AttnRow> rows;
    for (int64_t t = 0; t < kActs; ++t) {
      const float* const q = queries.data() + t * kHead;
      int16_t* const own = codes.data() + t * kHead;
      const float scale = by.quantize_query(q, kHead, own);
      rows.push_back({.q = q,
                      .q_codes = own,
                      .q_scale = scale,
                      .acc = acc.data() + t * kHead,
                      .begin = static_cast<int32_t>(t),
                      .end = static_cast<int32_t>(kernels::kPageTokens - t),
                      .max = -std::numeric_limits<float>::infinity(),
                      .sums = {}});
    }
    by.attn_page[static_cast<size_t>(type)]({block, nullptr, 0}, rows.data(), kActs);
    by.attn_finish(rows.data(), kActs, kHead);
    return acc;
  }

  const KernelTable& table_;
  const KernelTable& reference_;
  Rng rng_;
};

}  // namespace

Status prove_kernels(const KernelTable& table, const KernelTable& reference) {
  return Proof(table, reference).run();
}

}  // namespace samovar::engine
