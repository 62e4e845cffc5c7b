// RestClient: authorized requests to the cloud's REST APIs, whose answers are JSON.
//
// Reads are repeated when the service is busy; long operations are waited for. Messages say what
// was asked for and never what it was asked with. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/credentials.h"
#include "json/json_fwd.h"
#include "net/http_client.h"

#include <functional>
#include <string>
#include <vector>

namespace samovar::cloud {

struct CloudUrls {
  std::string iam{kIamUrl};
  std::string resource_manager = "https://resource-manager.api.cloud.yandex.net";
  std::string registry = "https://container-registry.api.cloud.yandex.net";
  std::string operation = "https://operation.api.cloud.yandex.net";
};

class RestClient {
 public:
  // Blocks for so many milliseconds.
  using Sleep = std::function<void(int64_t ms)>;

  // BORROWS credentials.
  RestClient(Credentials& credentials, CloudUrls urls, const std::string& ca_file, Sleep sleep);

  const CloudUrls& urls() const { return urls_; }
  Result<json::Value> get(const std::string& url);
  Result<json::Value> post(const std::string& url, const json::Value& body);
  Status remove(const std::string& url);
  // All pages' elements of `member`, as objects. `url` may have a query.
  Result<std::vector<json::Value>> list(const std::string& url, const char* member);
  // Posts what begins an operation, waits for its end and RETURNS its `response`.
  Result<json::Value> run(const std::string& url, const json::Value& body);

 private:
  Result<json::Value> ask(net::ClientRequest request);

  Credentials& credentials_;
  const CloudUrls urls_;
  net::HttpClient client_;
  const Sleep sleep_;
};

}  // namespace samovar::cloud
