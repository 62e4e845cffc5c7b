#include "api/generation_fields.h"

#include "engine/test_model.h"
#include "json/json.h"

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("biases of one token become one finite sum; a ban stays a ban") {
  const auto model = engine::test_model();
  const auto body =
      json::parse(R"({"logit_bias": [["7", 1], [5, 2], [7, 1e308], [7, 1e308], ["ab", -1],
                                                   [5, false], [5, 9], [99999, 1], ["x"]]})");
  REQUIRE(body.ok());
  Fields fields(*body);
  const auto read = read_generation_fields(fields, Dialect::kChat, {}, model->tokenizer());
  CHECK_FALSE(fields.error());
  const auto& biases = read.sampling.logit_bias;
  REQUIRE(biases.size() == 3);
  CHECK(biases[0] == std::pair<int32_t, float>(5, -std::numeric_limits<float>::infinity()));
  CHECK(biases[1].first == 7);
  CHECK(std::isfinite(biases[1].second));
  CHECK(biases[2] == std::pair<int32_t, float>(256, -1.0F));  // "ab"
}

struct Got {
  GenerationFields fields;
  std::optional<ApiError> error;
};

Got read_members(const std::string& members, Dialect dialect = Dialect::kNative,
                 const GenerationDefaults& defaults = {}) {
  static const auto model = engine::test_model();
  const auto body = json::parse("{" + members + "}");
  REQUIRE(body.ok());
  Fields fields(*body);
  GenerationFields got = read_generation_fields(fields, dialect, defaults, model->tokenizer());
  return {std::move(got), fields.error()};
}

Got read_one(const std::string& name, const std::string& value) {
  return read_members("\"" + name + "\": " + value);
}

// A numeric member, its bounds ("" for none that JSON can write) and what happens outside of them.
struct Bounds {
  const char* name;
  const char* below;
  const char* min;
  const char* max;
  const char* above;
  Range range;
  bool is_integer;
};
constexpr Range kClamp = Range::kClamp;
constexpr Range kReject = Range::kReject;
constexpr const char* kInt = "2147483647";
constexpr const char* kIntAbove = "2147483648";
constexpr Bounds kBounds[] = {
    {"temperature", "-1", "0", "3e38", "1e39", kClamp, false},
    {"dynatemp_range", "-1", "0", "3e38", "", kClamp, false},
    {"dynatemp_exponent", "-1", "0", "1e6", "", kClamp, false},
    {"top_p", "-0.1", "0", "1", "1.1", kClamp, false},
    {"min_p", "-0.1", "0", "1", "1.1", kClamp, false},
    {"typical_p", "-0.1", "0", "1", "1.1", kClamp, false},
    {"top_n_sigma", "-2", "-1", "3e38", "", kClamp, false},
    {"xtc_probability", "-0.1", "0", "1", "1.1", kClamp, false},
    {"xtc_threshold", "-0.1", "0", "1", "1.1", kClamp, false},
    {"top_k", "-1", "0", kInt, kIntAbove, kClamp, true},
    {"mirostat", "-1", "0", "2", "3", kClamp, true},
    {"mirostat_tau", "-1", "0", "1e6", "1e7", kClamp, false},
    {"mirostat_eta", "-1", "0", "1e6", "1e7", kClamp, false},
    {"adaptive_target", "-2", "-1", "1", "2", kClamp, false},
    {"adaptive_decay", "-0.1", "0", "0.99", "1", kReject, false},
    {"min_keep", "-1", "0", kInt, kIntAbove, kReject, true},
    {"repeat_last_n", "-2", "-1", "1048576", "1048577", kReject, true},
    {"repeat_penalty", "0", "1e-6", "1e6", "1e7", kReject, false},
    {"presence_penalty", "-1e7", "-1e6", "1e6", "1e7", kReject, false},
    {"frequency_penalty", "-1e7", "-1e6", "1e6", "1e7", kReject, false},
    {"dry_multiplier", "-1", "0", "1e6", "1e7", kReject, false},
    {"dry_allowed_length", "-1", "0", kInt, kIntAbove, kReject, true},
    {"dry_penalty_last_n", "-2", "-1", "1048576", "1048577", kReject, true},
    {"n_predict", "-2", "-1", kInt, kIntAbove, kReject, true},
    {"max_tokens", "-2", "-1", kInt, kIntAbove, kReject, true},
    {"n", "0", "1", "128", "129", kReject, true},
    {"n_probs", "-1", "0", "1000", "1001", kReject, true},
    {"n_keep", "-2", "-1", kInt, kIntAbove, kReject, true},
    {"n_discard", "-1", "0", kInt, kIntAbove, kReject, true},
    {"n_indent", "-1", "0", kInt, kIntAbove, kReject, true},
    {"n_cache_reuse", "-1", "0", kInt, kIntAbove, kReject, true},
    {"t_max_predict_ms", "-2", "-1", kInt, kIntAbove, kReject, true},
    {"sse_ping_interval", "-2", "-1", kInt, kIntAbove, kReject, true},
};

TEST_CASE("every number is taken up to its bounds, and moved or refused outside of them") {
  for (const Bounds& b : kBounds) {
    CAPTURE(b.name);
    CHECK_FALSE(read_one(b.name, b.min).error);
    CHECK_FALSE(read_one(b.name, b.max).error);
    CHECK_FALSE(read_one(b.name, "null").error);
    for (const char* outside : {b.below, b.above}) {
      if (*outside == '\0') continue;
      CAPTURE(outside);
      const auto error = read_one(b.name, outside).error;
      REQUIRE(error.has_value() == (b.range == Range::kReject));
      if (error) CHECK(error->param == b.name);
    }
    for (const char* wrong : {"\"1\"", "[1]", "{}", "true"}) {
      CAPTURE(wrong);
      const auto error = read_one(b.name, wrong).error;
      REQUIRE(error);
      CHECK(error->code == "invalid_type");
      CHECK(error->param == b.name);
    }
    if (b.is_integer) CHECK(read_one(b.name, "1.5").error);
  }
  CHECK_FALSE(json::parse("{\"temperature\": NaN}").ok());
}

TEST_CASE("every switch is true or false") {
  for (const char* name :
       {"stream", "ignore_eos", "cache_prompt", "return_tokens", "timings_per_token",
        "return_progress", "verbose", "post_sampling_probs"}) {
    CAPTURE(name);
    CHECK_FALSE(read_one(name, "true").error);
    CHECK_FALSE(read_one(name, "null").error);
    for (const char* wrong : {"1", "\"true\"", "[]"}) CHECK(read_one(name, wrong).error);
  }
}

TEST_CASE("moved values stand at the bound") {
  CHECK(read_one("temperature", "-3").fields.sampling.temperature == 0);
  CHECK(read_one("top_p", "7").fields.sampling.top_p == 1);
  CHECK(read_one("mirostat", "9").fields.sampling.mirostat == 2);
  CHECK(read_one("dry_base", "0.5").fields.sampling.dry_base == 1.75F);
}

TEST_CASE("samplers are names or letters; unknown ones are skipped") {
  using sample::Step;
  const std::vector<Step> wanted = {Step::kTemperature, Step::kTopK};
  CHECK(read_one("samplers", R"(["temperature", "no", "top_k", "top_k"])").fields.sampling.steps ==
        wanted);
  CHECK(read_one("samplers", R"("tzk")").fields.sampling.steps == wanted);
  CHECK(read_one("samplers", "[]").fields.sampling.steps.empty());
  CHECK(read_one("samplers", "5").error);
}

TEST_CASE("each dialect asks for probabilities in its own words") {
  using sample::ChanceKind;
  const auto wish = [](const char* members, Dialect dialect) {
    const Got got = read_members(members, dialect);
    REQUIRE_FALSE(got.error);
    return got.fields.chances;
  };
  CHECK(wish("", Dialect::kChat).kind == ChanceKind::kNone);
  CHECK(wish(R"("logprobs": true)", Dialect::kChat).kind == ChanceKind::kModel);
  CHECK(wish(R"("logprobs": true, "top_logprobs": 20)", Dialect::kChat).n_top == 20);
  CHECK(read_members(R"("top_logprobs": 2)", Dialect::kChat).error->param == "top_logprobs");
  CHECK(read_members(R"("logprobs": true, "top_logprobs": 21)", Dialect::kChat).error);
  CHECK(read_members(R"("logprobs": 3)", Dialect::kChat).error);
  CHECK(wish(R"("logprobs": 0)", Dialect::kCompletion).kind == ChanceKind::kModel);
  CHECK(wish(R"("logprobs": 0)", Dialect::kNative).kind == ChanceKind::kNone);
  CHECK(wish(R"("logprobs": 5)", Dialect::kCompletion).n_top == 5);
  CHECK(wish(R"("n_probs": 3, "post_sampling_probs": true)", Dialect::kNative).kind ==
        ChanceKind::kDrawn);
}

TEST_CASE("stop strings are few and short in all; the server's hold for requests without any") {
  const auto stops = [](const std::vector<std::string>& texts) {
    return read_one("stop", json::dump(json::Value(texts)));
  };
  CHECK(stops(std::vector<std::string>(256, "a")).fields.stop.size() == 256);
  CHECK(stops(std::vector<std::string>(257, "a")).error->param == "stop");
  CHECK_FALSE(stops(std::vector<std::string>(65'000)).error);  // empty ones stop nothing
  const std::string long_text(size_t{64} << 10, 'a');
  CHECK_FALSE(stops({long_text}).error);
  CHECK(stops({long_text, "a"}).error->code == "invalid_value");
  const GenerationDefaults stopped{.stop = {"END"}};
  CHECK(read_members(R"("stop": [""])", Dialect::kNative, stopped).fields.stop ==
        std::vector<std::string>{"END"});
}

TEST_CASE("the server's seed holds until a request has its own") {
  const GenerationDefaults fixed{.seed = 42};
  CHECK(read_members("", Dialect::kNative, fixed).fields.sampling.seed == 42);
  CHECK(read_members(R"("seed": 7)", Dialect::kNative, fixed).fields.sampling.seed == 7);
  CHECK(read_members(R"("seed": 4294967298)").fields.sampling.seed == 2);
  CHECK(read_members(R"("seed": 9223372036854775808)").fields.sampling.seed == 0);
  CHECK(read_members(R"("seed": 18446744073709551615)").fields.sampling.seed == 4294967295);
  CHECK(read_members(R"("seed": -9223372036854775807)").fields.sampling.seed == 1);
  for (const char* wrong :
       {R"("seed": 1.5)", R"("seed": "1")", R"("seed": true)", R"("seed": 18446744073709551616)"}) {
    CAPTURE(wrong);
    CHECK(read_members(wrong).error);
  }
}

TEST_CASE("the server's limit is for requests without one") {
  const GenerationDefaults capped{.max_tokens = 10};
  CHECK(read_members("", Dialect::kNative, capped).fields.max_tokens == 10);
  CHECK(read_members(R"("n_predict": -1)", Dialect::kNative, capped).fields.max_tokens == 10);
  CHECK(read_members(R"("n_predict": 5)", Dialect::kNative, capped).fields.max_tokens == 5);
  CHECK(read_members(R"("n_predict": 50)", Dialect::kNative, capped).fields.max_tokens == 50);
  CHECK(read_members(R"("max_tokens": 3, "n_predict": 4)").fields.max_tokens == 4);
}

TEST_CASE("ignoring the end bans the tokens that end") {
  CHECK(read_members(R"("ignore_eos": true)").fields.sampling.logit_bias.size() == 1);
  CHECK(read_members(R"("ignore_eos": false)").fields.sampling.logit_bias.empty());
}

}  // namespace
}  // namespace samovar::api
