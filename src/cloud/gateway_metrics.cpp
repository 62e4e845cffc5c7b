#include "cloud/gateway_metrics.h"

#include <array>

namespace samovar::cloud {
namespace {

constexpr const char* kRetries = "samovar_gateway_retries_total";
constexpr const char* kRetriesHelp = "Requests sent upstream once more, by reason.";
constexpr std::array<const char*, kRetryReasons> kReasonNames = {
    "not_ready", "no_token", "token_refused", "no_connection", "broken_read"};

}  // namespace

GatewayMetrics::GatewayMetrics(const Credentials& credentials)
    : credentials_(credentials),
      upstream_(registry_.counter("samovar_gateway_upstream_requests_total",
                                  "Requests sent to the node, repetitions included.")),
      broken_(registry_.counter("samovar_gateway_broken_answers_total",
                                "Answers of the node that broke off amid.")),
      bytes_(
          registry_.counter("samovar_gateway_answer_bytes_total", "Bytes of the node's answers.")),
      in_flight_(registry_.gauge("samovar_gateway_requests_in_flight",
                                 "Requests that are being answered, waiting ones included.")),
      waiting_(registry_.gauge("samovar_gateway_requests_waiting",
                               "Requests that wait for a node that is not ready.")),
      first_byte_(registry_.histogram("samovar_gateway_first_byte_seconds",
                                      "From the request to the first byte of the node's answer.",
                                      metrics::seconds_buckets())),
      duration_(registry_.histogram("samovar_gateway_request_duration_seconds",
                                    "From the request to the end of its answer.",
                                    metrics::seconds_buckets())) {
  for (const char* name : kReasonNames) {
    registry_.counter(kRetries, kRetriesHelp, {{"reason", name}});  // there from the start
  }
}

std::string GatewayMetrics::expose() const {
  const auto report = credentials_.report();
  metrics::Families out;
  out.counter("samovar_gateway_tokens_fetched_total", "IAM tokens that were fetched.",
              static_cast<double>(report.n_fetched));
  out.counter("samovar_gateway_token_failures_total", "IAM tokens that could not be fetched.",
              static_cast<double>(report.n_failed));
  out.gauge("samovar_gateway_token_seconds_left", "What is left of the IAM token's life; 0: none.",
            seconds(report.left_us));
  return registry_.expose(out);
}

void GatewayMetrics::count_answer(int status, int64_t duration_us) {
  registry_
      .counter("samovar_gateway_requests_total", "Requests by the status of their answer.",
               {{"code", std::to_string(status)}})
      .add();
  duration_.observe(seconds(duration_us));
}

void GatewayMetrics::count_retry(RetryReason reason) {
  registry_.counter(kRetries, kRetriesHelp, {{"reason", kReasonNames[static_cast<size_t>(reason)]}})
      .add();
}

}  // namespace samovar::cloud
