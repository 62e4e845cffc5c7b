#include "cli/sampling_flags.h"

#include <array>
#include <limits>
#include <random>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

template <class T>
struct Bounded {
  const char* flag;
  T value, min, max;
};

template <class T, size_t N>
Status check(const std::array<Bounded<T>, N>& bounds) {
  for (const Bounded<T>& b : bounds) {
    if (b.value >= b.min && b.value <= b.max) continue;
    return invalid_argument(
        fmt::format("{}: expected {} to {}, found {}", b.flag, b.min, b.max, b.value));
  }
  return {};
}

}  // namespace

void SamplingFlags::declare(Flags& flags) {
  flags.add("-n,--n-predict", &n_predict_,
            "most tokens of an answer; -1: to the end of the context");
  flags.also_from("LLAMA_ARG_N_PREDICT");
  flags.add("--context-shift", &context_shift_,
            "a full context drops half of its tokens and the answer goes on, instead of ending it");
  flags.also_from("LLAMA_ARG_CONTEXT_SHIFT");
  flags.add("--no-context-shift", &no_context_shift_, "a full context ends the answer (it does)");
  flags.also_from("LLAMA_ARG_NO_CONTEXT_SHIFT");
  flags.add("--keep", &n_keep_, "first tokens that a full context never drops; -1: the prompt");
  flags.add("--temp", &temperature_, "temperature; 0 always takes the likeliest token");
  flags.tell_if_given(&given_[0].given);
  flags.add("--top-k", &top_k_, "draw from the k likeliest tokens; 0: all");
  flags.tell_if_given(&given_[1].given);
  flags.add("--top-p", &top_p_, "draw from the likeliest tokens with this much probability in all");
  flags.tell_if_given(&given_[2].given);
  flags.add("--min-p", &min_p_, "leave out tokens less likely than this share of the likeliest");
  flags.tell_if_given(&given_[3].given);
  flags.add("--typical", &typical_, "locally typical sampling; 1: off");
  flags.add("--repeat-penalty", &repeat_penalty_, "penalty for recent tokens; 1: off");
  flags.tell_if_given(&given_[4].given);
  flags.add("--repeat-last-n", &repeat_last_n_, "how many recent tokens penalties look at");
  flags.tell_if_given(&given_[5].given);
  flags.add("--presence-penalty", &presence_penalty_, "subtracted from logits of recent tokens");
  flags.add("--frequency-penalty", &frequency_penalty_, "subtracted for each recent occurrence");
  flags.add("-s,--seed", &seed_, "same seed, same text; -1: another one each time");
}

std::vector<std::string> SamplingFlags::given() const {
  std::vector<std::string> keys;
  for (const Given& one : given_) {
    if (one.given) keys.emplace_back(one.key);
  }
  return keys;
}

Result<sample::Params> SamplingFlags::params() const {
  constexpr auto kMaxInt = static_cast<int64_t>(std::numeric_limits<int32_t>::max());
  SAMOVAR_TRY(check(std::array{
      Bounded<double>{"--temp", temperature_, 0, 100}, Bounded<double>{"--top-p", top_p_, 0, 1},
      Bounded<double>{"--min-p", min_p_, 0, 1}, Bounded<double>{"--typical", typical_, 0, 1},
      Bounded<double>{"--repeat-penalty", repeat_penalty_, 1e-6, 1e6},
      Bounded<double>{"--presence-penalty", presence_penalty_, -1e6, 1e6},
      Bounded<double>{"--frequency-penalty", frequency_penalty_, -1e6, 1e6}}));
  SAMOVAR_TRY(check(std::array{Bounded<int64_t>{"--top-k", top_k_, 0, kMaxInt},
                               Bounded<int64_t>{"--repeat-last-n", repeat_last_n_, 0, 1 << 20},
                               Bounded<int64_t>{"--n-predict", n_predict_, -1, kMaxInt},
                               Bounded<int64_t>{"--keep", n_keep_, -1, kMaxInt},
                               Bounded<int64_t>{"--seed", seed_, -1, 0xFFFFFFFF}}));
  return sample::Params{.temperature = static_cast<float>(temperature_),
                        .top_k = static_cast<int32_t>(top_k_),
                        .top_p = static_cast<float>(top_p_),
                        .min_p = static_cast<float>(min_p_),
                        .typical_p = static_cast<float>(typical_),
                        .repeat_penalty = static_cast<float>(repeat_penalty_),
                        .presence_penalty = static_cast<float>(presence_penalty_),
                        .frequency_penalty = static_cast<float>(frequency_penalty_),
                        .repeat_last_n = static_cast<int32_t>(repeat_last_n_),
                        .seed = seed_ < 0 ? std::random_device{}() : static_cast<uint64_t>(seed_)};
}

}  // namespace samovar::cli
