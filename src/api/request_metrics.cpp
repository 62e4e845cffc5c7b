#include "api/request_metrics.h"

#include <array>
#include <string>

namespace samovar::api {
namespace {

enum End : uint8_t { kStop, kLength, kAbort, kError, kEnds };
constexpr std::array<const char*, kEnds> kEndNames = {"stop", "length", "abort", "error"};

End end_of(const engine::Event& event, bool gone) {
  if (gone) return kAbort;
  switch (event.reason) {
    case engine::FinishReason::kLength:
    case engine::FinishReason::kContextFull:
      return kLength;
    case engine::FinishReason::kError:
      return kError;
    default:
      return kStop;
  }
}

}  // namespace

RequestMetrics::RequestMetrics(metrics::Registry& registry, const metrics::Labels& vllm_labels) {
  const auto histogram = [&](const char* name, const char* help,
                             const metrics::Labels& labels = {}) {
    return registry.histogram(name, help, metrics::seconds_buckets(), labels);
  };
  queue_wait_.series = {
      histogram("samovar:queue_wait_seconds", "From a request's arrival to its slot.")};
  first_token_.series = {
      histogram("samovar:time_to_first_token_seconds", "From arrival to the first token."),
      histogram("vllm:time_to_first_token_seconds", "From arrival to the first token.",
                vllm_labels)};
  inter_token_.series = {
      histogram("samovar:inter_token_seconds", "From a token to the next one."),
      histogram("vllm:inter_token_latency_seconds", "From a token to the next one.", vllm_labels)};
  duration_.series = {
      histogram("samovar:request_duration_seconds", "From a request's arrival to its end."),
      histogram("vllm:e2e_request_latency_seconds", "From a request's arrival to its end.",
                vllm_labels)};
  for (const char* name : kEndNames) {
    metrics::Labels labels = vllm_labels;
    labels.emplace_back("finished_reason", name);
    ends_.push_back(registry.counter("vllm:request_success_total", "Requests that ended, by how.",
                                     std::move(labels)));
  }
}

void RequestMetrics::Seconds::observe_us(int64_t us) const {
  for (const metrics::Histogram& one : series) one.observe(static_cast<double>(us) * 1e-6);
}

void RequestMetrics::on_done(const engine::Event& event, bool gone) const {
  const engine::Timings& t = event.timings;
  queue_wait_.observe_us(t.queue_us);
  duration_.observe_us(t.queue_us + t.prompt_us + t.predicted_us);
  ends_[end_of(event, gone)].add();
}

void RequestMetrics::Watch::on_event(const engine::Event& event, bool gone) {
  if (metrics_ == nullptr) return;
  if (event.kind == engine::Event::Kind::kDone) return metrics_->on_done(event, gone);
  if (event.kind != engine::Event::Kind::kToken) return;
  if (token_us_ < 0) {
    metrics_->first_token_.observe_us(event.timings.queue_us + event.timings.prompt_us);
  } else {
    metrics_->inter_token_.observe_us(event.timings.predicted_us - token_us_);
  }
  token_us_ = event.timings.predicted_us;
}

}  // namespace samovar::api
