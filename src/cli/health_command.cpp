// samovar health: is a server ready? For probes in images that have neither a shell nor curl.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "net/http_client.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr int kOk = 200;

class Health final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--url", &url_, "the server's address");
    flags.add("--timeout", &timeout_seconds_, "seconds to wait for its answer");
  }

  Status run(const Environment& /*environment*/) override {
    if (timeout_seconds_ < 1 || timeout_seconds_ > kMaxTimeoutSeconds) {
      return invalid_argument(fmt::format("--timeout: expected 1 to {}, found {}",
                                          kMaxTimeoutSeconds, timeout_seconds_));
    }
    while (url_.ends_with('/')) url_.pop_back();
    net::ClientOptions options;
    options.connect_timeout_ms = options.total_timeout_ms = timeout_seconds_ * 1000;
    options.direct = true;  // a proxy's answer would say nothing of the server
    const auto answer = net::HttpClient(options).get(url_ + "/readyz");
    if (!answer.ok()) return answer.status().with_context(url_);
    if (answer->response.status == kOk) return write_stdout("ready\n");
    return busy(fmt::format("{}/readyz: expected status 200, found {}: {}", url_,
                            answer->response.status, answer->response.body));
  }

 private:
  static constexpr int64_t kMaxTimeoutSeconds = 3600;

  std::string url_ = "http://127.0.0.1:8080";
  int64_t timeout_seconds_ = 5;
};

}  // namespace

std::unique_ptr<Command> make_health() {
  return std::make_unique<Health>();
}

}  // namespace samovar::cli
