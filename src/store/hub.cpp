#include "store/hub.h"

#include "base/log.h"
#include "json/json.h"
#include "net/url.h"
#include "store/download.h"
#include "store/model_name.h"
#include "store/shown_url.h"
#include "sys/proc_text.h"

#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr int kMaxHops = 5;

net::ClientOptions metadata_options(const StoreOptions& store_options) {
  net::ClientOptions options = client_options(store_options);
  options.total_timeout_ms = 60'000;
  options.max_redirects = 0;  // the headers that matter are those of the hub's own answer
  return options;
}

std::string_view header(const net::Response& response, std::string_view name) {
  return response.headers.find(name).value_or("");
}

// An ETag without W/ and quotes.
std::string_view bare_etag(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  return etag;
}

// A branch's name may hold a '/'; in an address it is one segment.
std::string escaped(std::string_view revision) {
  std::string out;
  for (const char c : revision) out += c == '/' ? std::string("%2F") : std::string(1, c);
  return out;
}

}  // namespace

Hub::Hub(const StoreOptions& options, Pause pause, const std::atomic<bool>* cancel)
    : client_(metadata_options(options)),
      endpoint_(options.hf_endpoint),
      pause_(std::move(pause)),
      cancel_(cancel) {
  while (endpoint_.ends_with('/')) endpoint_.pop_back();
  if (!options.hf_token.empty()) {
    authorization_ = Secret("Bearer " + options.hf_token.reveal());
  }
}

Status Hub::sleep(int64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
  return {};
}

// What can't be reached at all is not asked again: a machine without a network should say so.
Result<net::ClientResponse> Hub::ask(net::Method method, const std::string& url) {
  const RetryRule rule;
  for (int failures = 1;; ++failures) {
    int64_t asked_pause_ms = -1;  // while nothing has answered
    auto answer = ask_once(method, url, asked_pause_ms);
    if (answer.ok() || answer.status().code() != Code::kBusy || asked_pause_ms < 0) return answer;
    const auto pause_ms = rule.pause_ms(failures, asked_pause_ms);
    if (!pause_ms) return answer;
    log::info("{}; trying again in {} ms", answer.status().message(), *pause_ms);
    SAMOVAR_TRY(pause_(*pause_ms));
  }
}

Result<net::ClientResponse> Hub::ask_once(net::Method method, std::string url,
                                          int64_t& asked_pause_ms) {
  for (int hop = 0; hop <= kMaxHops; ++hop) {
    net::ClientRequest request;
    request.method = method;
    request.url = url;
    request.authorization = authorization_;
    request.cancel = cancel_;
    SAMOVAR_ASSIGN(auto answer, client_.perform(request));
    const std::string_view location = header(answer.response, "Location");
    const int status = answer.response.status;
    const bool moved_here = status / 100 == 3 && location.starts_with('/') &&
                            !location.starts_with("//") &&
                            !answer.response.headers.has("X-Linked-Etag");
    if (!moved_here) {
      asked_pause_ms = retry_after_ms(answer.response);
      if (status >= 400) return http_problem(status, url);
      return answer;
    }
    SAMOVAR_ASSIGN(auto next, net::Url::parse(url));
    SAMOVAR_TRY(next.follow(location));  // a renamed repository, on the same host
    url = next.text();
  }
  return corrupt(fmt::format("{}: more than {} redirects", shown_url(url), kMaxHops));
}

Result<HubFile> Hub::lookup(const std::string& repo, const std::string& revision,
                            const std::string& file) {
  const std::string url =
      fmt::format("{}/{}/resolve/{}/{}", endpoint_, repo, escaped(revision), file);
  if (last_ && last_->first == url) return last_->second;
  SAMOVAR_ASSIGN(const auto answer, ask(net::Method::kHead, url));
  const net::Response& head = answer.response;
  const bool linked = head.headers.has("X-Linked-Etag");
  HubFile found;
  found.commit = std::string(header(head, "X-Repo-Commit"));
  found.key = std::string(bare_etag(header(head, linked ? "X-Linked-Etag" : "ETag")));
  found.size_bytes = sys::parse_u64(header(head, linked ? "X-Linked-Size" : "Content-Length"));
  if (!is_safe_segment(found.commit) && head.status / 100 == 3) {
    return unsupported(
        fmt::format("{}: {} answers with a redirect to {}: set HF_ENDPOINT to the "
                    "hub itself",
                    shown_url(url), shown_url(endpoint_), shown_url(header(head, "Location"))));
  }
  if (!is_safe_segment(found.commit) || !is_safe_segment(found.key)) {
    return corrupt(
        fmt::format("{}: no X-Repo-Commit and ETag in the answer: is {} a Hugging Face "
                    "hub?",
                    shown_url(url), shown_url(endpoint_)));
  }
  if (auto digest = Digest::parse(found.key); digest.ok()) found.sha256 = *digest;
  found.url = fmt::format("{}/{}/resolve/{}/{}", endpoint_, repo, found.commit, file);
  last_.emplace(url, found);
  return found;
}

Result<std::vector<std::string>> Hub::list_gguf(const std::string& repo,
                                                const std::string& revision) {
  const std::string url =
      fmt::format("{}/api/models/{}/revision/{}", endpoint_, repo, escaped(revision));
  SAMOVAR_ASSIGN(const auto answer, ask(net::Method::kGet, url));
  auto listing = json::parse(answer.response.body);
  const std::string wrong = fmt::format("{}: no list of files in the answer", shown_url(url));
  if (!listing.ok()) return corrupt(wrong);
  if (!listing->is_object() || !listing->contains("siblings")) return corrupt(wrong);
  const json::Value& siblings = (*listing)["siblings"];
  if (!siblings.is_array()) return corrupt(wrong);
  std::vector<std::string> files;
  for (const json::Value& sibling : siblings) {
    if (!sibling.is_object() || !sibling.contains("rfilename")) continue;
    const json::Value& name = sibling["rfilename"];
    if (!name.is_string()) continue;
    const std::string& file = name.get_ref<const std::string&>();
    if (file.ends_with(".gguf") && is_safe_relative_path(file)) files.push_back(file);
  }
  return files;
}

}  // namespace samovar::store
