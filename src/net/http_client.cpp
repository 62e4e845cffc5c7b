#include "net/http_client.h"

#include "base/clock.h"
#include "net/url.h"
#include "sys/file.h"
#include "sys/proc_text.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <unistd.h>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>

namespace samovar::net {
namespace {

constexpr uint64_t kMaxAuthorities = uint64_t{16} << 20;  // B

void start_curl_once() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// What a request says at one hop: redirects may change it.
struct Message {
  Method method;
  std::string_view body;
};

// As browsers do: a form that was sent is not sent again elsewhere, unless 307 or 308 ask for it.
bool becomes_get(int status, Method method) {
  if (status == 303) return method != Method::kHead;
  return (status == 301 || status == 302) && method == Method::kPost;
}

bool is_credential(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames = {"authorization", "cookie", "x-api-key",
                                                      "proxy-authorization"};
  for (const std::string_view known : kNames) {
    if (equals_ignoring_case(name, known)) return true;
  }
  return false;
}

// What curl's error means to the caller; `host` is all of the URL that may be told.
Status curl_error(CURLcode code, const std::string& host) {
  const std::string message = fmt::format("{}: {}", host, curl_easy_strerror(code));
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return invalid_argument(message);
    case CURLE_ABORTED_BY_CALLBACK:
      return cancelled(host + ": the transfer was cancelled");
    case CURLE_OUT_OF_MEMORY:
      return resource_exhausted(message);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
      return corrupt(message);
    default:
      return busy(message);
  }
}

// One request on its way; the target of curl's callbacks.
struct Transfer {
  const ClientRequest* request;
  size_t max_body_bytes;
  CURL* handle;
  int64_t max_silence_us;  // 0: any
  ClientResponse out;
  int64_t heard_us = 0;        // when the last byte went either way
  curl_off_t n_wire_sent = 0;  // of the body
  uint64_t n_uploaded = 0;
  bool was_silent = false;
  bool sink_refused = false;
  bool too_large = false;

  void hear() { heard_us = system_clock().monotonic_us(); }
  bool streams() const { return request->sink && out.response.status / 100 == 2; }
};

size_t on_header(char* data, size_t size, size_t n, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.hear();
  std::string_view line(data, size * n);
  if (line.starts_with("HTTP/")) {  // a new head: after 100 Continue, or a proxy's own
    transfer.out.response.headers = {};
    return size * n;
  }
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * n;
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' '))
    value.remove_suffix(1);
  transfer.out.response.headers.add(std::string(line.substr(0, colon)), std::string(value));
  return size * n;
}

size_t on_body(char* data, size_t size, size_t n, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.hear();
  const std::string_view bytes(data, size * n);
  long status = 0;
  curl_easy_getinfo(transfer.handle, CURLINFO_RESPONSE_CODE, &status);
  transfer.out.response.status = static_cast<int>(status);
  transfer.out.body_bytes += bytes.size();
  if (transfer.streams()) {
    transfer.sink_refused = !transfer.request->sink(transfer.out.response, bytes);
    return transfer.sink_refused ? 0 : bytes.size();
  }
  transfer.too_large = transfer.out.body_bytes > transfer.max_body_bytes;
  if (transfer.too_large) return 0;
  if (is_redirect(transfer.out.response.status)) return bytes.size();
  transfer.out.response.body += bytes;
  return bytes.size();
}

size_t on_upload(char* room, size_t size, size_t n, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const uint64_t left = transfer.request->upload_bytes - transfer.n_uploaded;
  const ssize_t n_read =
      pread(transfer.request->upload_fd, room, std::min<uint64_t>(left, size * n),
            static_cast<off_t>(transfer.n_uploaded));
  if (n_read < 0 || (n_read == 0 && left > 0)) return CURL_READFUNC_ABORT;
  transfer.n_uploaded += static_cast<uint64_t>(n_read);
  return static_cast<size_t>(n_read);
}

// The server has refused to begin, or a kept connection has gone: the body begins anew.
int on_rewind(void* user, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Transfer*>(user)->n_uploaded = static_cast<uint64_t>(offset);
  return CURL_SEEKFUNC_OK;
}

// Called at least once a second.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t n_sent) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto* cancel = transfer.request->cancel;
  if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) return 1;
  if (transfer.max_silence_us == 0) return 0;
  if (std::exchange(transfer.n_wire_sent, n_sent) != n_sent) transfer.hear();
  transfer.was_silent = system_clock().monotonic_us() - transfer.heard_us > transfer.max_silence_us;
  return transfer.was_silent ? 1 : 0;
}

bool may_repeat(Method method) {
  return method != Method::kPost && method != Method::kPatch;
}

class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

void set_upload(CURL* handle, Transfer& transfer) {
  curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE,
                   static_cast<curl_off_t>(transfer.request->upload_bytes));
  curl_easy_setopt(handle, CURLOPT_READFUNCTION, on_upload);
  curl_easy_setopt(handle, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, on_rewind);
  curl_easy_setopt(handle, CURLOPT_SEEKDATA, &transfer);
}

void set_method(CURL* handle, const Message& message, Transfer& transfer) {
  switch (message.method) {
    case Method::kGet:
      curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
      return;
    case Method::kHead:
      curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
      return;
    default:
      break;
  }
  if (transfer.request->upload_fd >= 0) {
    set_upload(handle, transfer);
  } else {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, message.body.data());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(message.body.size()));
  }
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, std::string(method_name(message.method)).c_str());
}

void add_headers(HeaderList& list, const ClientRequest& request, bool same_origin) {
  for (const Header& header : request.headers) {
    if (!same_origin && is_credential(header.name)) continue;
    list.add(header.name + ": " + header.value);
  }
  if (same_origin && !request.authorization.empty()) {
    list.add("Authorization: " + request.authorization.reveal());
  }
  if (request.range_start) {
    const std::string last = request.range_last ? std::to_string(*request.range_last) : "";
    list.add(fmt::format("Range: bytes={}-{}", *request.range_start, last));
    if (!request.range_if.empty()) list.add("If-Range: " + request.range_if);
  }
  list.add("Expect:");  // no round trip before the body
}

}  // namespace

class HttpClient::Impl {
 public:
  explicit Impl(ClientOptions options) : options_(std::move(options)) {
    start_curl_once();
    handle_ = curl_easy_init();
  }
  ~Impl() { curl_easy_cleanup(handle_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<ClientResponse> perform(const ClientRequest& request) {
    if (handle_ == nullptr) return resource_exhausted("no memory for a connection");
    SAMOVAR_ASSIGN(Url url, Url::parse(request.url));
    const std::string first_origin = url.origin();
    sent_ = false;
    Message message = {request.method, request.body};
    for (int hop = 0; hop <= options_.max_redirects; ++hop) {
      SAMOVAR_ASSIGN(ClientResponse answer,
                     exchange_once(request, message, url, url.origin() == first_origin));
      if (!is_redirect(answer.response.status) || options_.max_redirects == 0) return answer;
      const auto location = answer.response.headers.find("Location");
      if (!location) return corrupt(url.host() + ": a redirect without a Location");
      SAMOVAR_TRY(url.follow(*location));
      if (becomes_get(answer.response.status, message.method)) message = {Method::kGet, ""};
    }
    return unsupported(
        fmt::format("{}: more than {} redirects", first_origin, options_.max_redirects));
  }

  bool was_sent() const { return sent_; }

 private:
  Result<ClientResponse> exchange_once(const ClientRequest& request, const Message& message,
                                       const Url& url, bool same_origin) {
    curl_easy_reset(handle_);  // keeps connections
    Transfer transfer{.request = &request,
                      .max_body_bytes = options_.max_body_bytes,
                      .handle = handle_,
                      .max_silence_us = options_.max_silence_s * 1'000'000,
                      .out = {}};
    transfer.hear();
    HeaderList headers;
    add_headers(headers, request, same_origin);
    set_method(handle_, message, transfer);
    set_limits();
    SAMOVAR_TRY(add_authorities());
    curl_easy_setopt(handle_, CURLOPT_URL, url.text().c_str());
    curl_easy_setopt(handle_, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle_, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(handle_, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(handle_, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle_, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(handle_, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(handle_, CURLOPT_XFERINFODATA, &transfer);
    curl_easy_setopt(handle_, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle_, CURLOPT_FRESH_CONNECT, may_repeat(message.method) ? 0L : 1L);
    const CURLcode code = curl_easy_perform(handle_);
    curl_off_t begun_us = 0;
    curl_easy_getinfo(handle_, CURLINFO_PRETRANSFER_TIME_T, &begun_us);
    sent_ = sent_ || begun_us > 0;
    const std::string host = url.host();
    if (transfer.was_silent) {
      return busy(fmt::format("{}: nothing came for {} s", host, options_.max_silence_s));
    }
    if (transfer.sink_refused) return cancelled(host + ": the transfer was cancelled");
    if (transfer.too_large) {
      return too_large(
          fmt::format("{}: the answer has more than {} bytes", host, options_.max_body_bytes));
    }
    if (code != CURLE_OK) return curl_error(code, host);
    long status = 0;
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
    transfer.out.response.status = static_cast<int>(status);
    transfer.out.url = url.text();
    return std::move(transfer.out);
  }

  // Those of extra_ca_file, to the default ones or those of ca_file: curl takes them as one text.
  Status add_authorities() {
    if (options_.extra_ca_file.empty()) return {};
    if (authorities_.empty()) {
      std::string path = options_.ca_file;
      const char* usual = nullptr;
      curl_easy_getinfo(handle_, CURLINFO_CAINFO, &usual);
      if (path.empty() && usual != nullptr) path = usual;
      SAMOVAR_ASSIGN(const std::string extra,
                     sys::read_file(options_.extra_ca_file, kMaxAuthorities));
      SAMOVAR_ASSIGN(const std::string rest, sys::read_file(path, kMaxAuthorities));
      authorities_ = extra + "\n" + rest;
    }
    curl_blob blob = {authorities_.data(), authorities_.size(), CURL_BLOB_NOCOPY};
    curl_easy_setopt(handle_, CURLOPT_CAINFO_BLOB, &blob);
    return {};
  }

  void set_limits() {
    curl_easy_setopt(handle_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(handle_, CURLOPT_USERAGENT, options_.user_agent.c_str());
    curl_easy_setopt(handle_, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options_.connect_timeout_ms));
    curl_easy_setopt(handle_, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.total_timeout_ms));
    curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_LIMIT,
                     static_cast<long>(options_.low_speed_bytes_per_s));
    curl_easy_setopt(handle_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.low_speed_s));
    if (options_.direct) curl_easy_setopt(handle_, CURLOPT_NOPROXY, "*");
    if (!options_.ca_file.empty()) {
      curl_easy_setopt(handle_, CURLOPT_CAINFO, options_.ca_file.c_str());
      curl_easy_setopt(handle_, CURLOPT_CAPATH, nullptr);
    }
  }

  ClientOptions options_;
  std::string authorities_;  // of extra_ca_file and the others, once they were read
  CURL* handle_;
  bool sent_ = false;
};

HttpClient::HttpClient(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

Result<ClientResponse> HttpClient::perform(const ClientRequest& request) {
  return impl_->perform(request);
}

bool HttpClient::was_sent() const {
  return impl_->was_sent();
}

std::optional<int64_t> parse_http_date(std::string_view text) {
  const time_t unix_s = curl_getdate(std::string(text).c_str(), nullptr);
  if (unix_s < 0) return std::nullopt;
  return unix_s;
}

std::optional<int64_t> retry_after_s(const Headers& headers, int64_t now_unix_s) {
  constexpr int64_t kMaxSeconds = 86'400;
  const auto text = headers.find("Retry-After");
  if (!text) return std::nullopt;
  if (const auto seconds = sys::parse_u64(*text)) {
    return static_cast<int64_t>(std::min<uint64_t>(*seconds, kMaxSeconds));
  }
  const auto date = parse_http_date(*text);
  if (!date) return std::nullopt;
  return std::clamp<int64_t>(*date - now_unix_s, 0, kMaxSeconds);
}

Result<ClientResponse> HttpClient::get(std::string url, Headers headers) {
  return perform({.method = Method::kGet, .url = std::move(url), .headers = std::move(headers)});
}

Result<ClientResponse> HttpClient::head(std::string url, Headers headers) {
  return perform({.method = Method::kHead, .url = std::move(url), .headers = std::move(headers)});
}

Result<ClientResponse> HttpClient::post(std::string url, Headers headers, std::string body) {
  return perform({.method = Method::kPost,
                  .url = std::move(url),
                  .headers = std::move(headers),
                  .body = std::move(body)});
}

}  // namespace samovar::net
