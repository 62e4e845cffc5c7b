#include "store/download.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/shown_url.h"
#include "sys/file.h"
#include "sys/proc_text.h"

#include <algorithm>
#include <optional>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr uint64_t kMaxEtagBytes = 1024;

// One pull of one URL: the state between attempts.
class Download {
 public:
  Download(net::HttpClient& client, const std::string& url, const Secret& authorization,
           BlobWriter& writer)
      : client_(client),
        url_(url),
        authorization_(authorization),
        writer_(writer),
        etag_path_(writer.etag_path()) {}

  Status run(const RetryRule& rule);

 private:
  Status take_up();
  Status attempt(int64_t& asked_pause_ms);
  Status begin_body(const net::Response& head);
  Status restart();
  Status judge(const net::Response& response, int64_t& asked_pause_ms);
  // What was asked for lies behind the end, and the end is where we are (RFC 9110, 15.5.17).
  bool is_all_there_is(const net::Response& refused) const {
    const std::string end = fmt::format("bytes */{}", writer_.size_bytes());
    return refused.headers.find("Content-Range").value_or("") == end;
  }
  // Whether what is here can be told to be of the file that is there.
  bool can_resume() const { return !etag_.empty() || writer_.expected().sha256; }
  bool complete() const {
    return writer_.expected().size_bytes == std::optional<uint64_t>(writer_.size_bytes());
  }

  net::HttpClient& client_;
  const std::string& url_;
  const Secret& authorization_;
  BlobWriter& writer_;
  const std::string etag_path_;
  std::string etag_;
  bool ended_ = false;  // a whole answer without a known length came to its end
};

Status Download::take_up() {
  const auto etag = sys::read_file(etag_path_, kMaxEtagBytes);
  if (etag.ok()) etag_ = *etag;
  return writer_.keep(can_resume() ? writer_.size_bytes() : 0);
}

Status Download::restart() {
  // In this order: bytes without a note of what they are would be of no use to the next pull.
  SAMOVAR_TRY(writer_.keep(0));
  etag_.clear();
  unlink(etag_path_.c_str());
  return writer_.meter().begin(Phase::kDownload, shown_url(url_),
                               writer_.expected().size_bytes.value_or(0));
}

// Before the first byte of a body: is it the part that was asked for? kCorrupt: it is not.
Status Download::begin_body(const net::Response& head) {
  const std::string_view etag = head.headers.find("ETag").value_or("");
  if (head.status == 206) {
    // A server or a cache may not know If-Range. With a hash to come, that decides.
    if (!writer_.expected().sha256 && etag != etag_) {
      return corrupt(fmt::format("{}: the file has changed: its ETag was {} and is {}",
                                 shown_url(url_), etag_, etag.empty() ? "not there" : etag));
    }
    const auto range = parse_content_range(head.headers.find("Content-Range").value_or(""));
    if (!range || range->begin != writer_.size_bytes()) {
      return corrupt(fmt::format("{}: asked for bytes from {}, the answer is \"{}\"",
                                 shown_url(url_), writer_.size_bytes(),
                                 head.headers.find("Content-Range").value_or("no Content-Range")));
    }
    if (range->total) SAMOVAR_TRY(writer_.expect_size(*range->total));
  } else {
    if (writer_.size_bytes() != 0) SAMOVAR_TRY(restart());
    const auto length = sys::parse_u64(head.headers.find("Content-Length").value_or(""));
    if (length) SAMOVAR_TRY(writer_.expect_size(*length));
  }
  if (etag.starts_with('"') && etag != etag_ && etag.size() <= kMaxEtagBytes) {
    etag_ = std::string(etag);
    SAMOVAR_TRY(sys::write_file_atomic(etag_path_, etag_));
  }
  return writer_.meter().advance_to(writer_.size_bytes());
}

Status Download::attempt(int64_t& asked_pause_ms) {
  if (writer_.size_bytes() > 0 && !can_resume()) SAMOVAR_TRY(restart());
  net::ClientRequest request;
  request.url = url_;
  request.authorization = authorization_;
  request.cancel = writer_.meter().cancel();
  if (writer_.size_bytes() > 0) {
    request.range_start = writer_.size_bytes();
    request.range_if = etag_;
  }
  Status ours;  // what stopped the sink
  bool begun = false;
  request.sink = [&](const net::Response& head, std::string_view bytes) {
    if (!begun) ours = begin_body(head);
    begun = true;
    if (ours.ok()) ours = writer_.append(std::as_bytes(std::span(bytes)));
    return ours.ok();
  };
  const auto answer = client_.perform(request);
  if (!ours.ok()) return ours;
  if (!answer.ok()) return answer.status();
  SAMOVAR_TRY(judge(answer->response, asked_pause_ms));
  if (ended_) return {};
  if (!begun) SAMOVAR_TRY(begin_body(answer->response));  // an empty body
  if (!writer_.expected().size_bytes || complete()) {
    ended_ = true;
    return {};
  }
  return busy(fmt::format("{}: the body ended after {} of {} bytes", shown_url(url_),
                          writer_.size_bytes(), *writer_.expected().size_bytes));
}

Status Download::judge(const net::Response& response, int64_t& asked_pause_ms) {
  if (response.status / 100 == 2) return {};
  if (response.status == 416 && writer_.size_bytes() > 0) {
    ended_ = is_all_there_is(response);
    if (ended_) return {};
    SAMOVAR_TRY(restart());
    return busy(fmt::format("{}: the server refused to resume", shown_url(url_)));
  }
  asked_pause_ms = retry_after_ms(response);
  return http_problem(response.status, url_);
}

Status Download::run(const RetryRule& rule) {
  SAMOVAR_TRY(take_up());
  SAMOVAR_TRY(writer_.meter().begin(Phase::kDownload, shown_url(url_),
                                    writer_.expected().size_bytes.value_or(0)));
  SAMOVAR_TRY(writer_.meter().advance_to(writer_.size_bytes()));
  int failures = 0;
  while (!ended_ && !complete()) {
    const uint64_t before_bytes = writer_.size_bytes();
    int64_t asked_pause_ms = 0;
    const Status problem = attempt(asked_pause_ms);
    if (problem.ok()) continue;
    const bool wrong_part = problem.code() == Code::kCorrupt && writer_.size_bytes() > 0;
    if (wrong_part) SAMOVAR_TRY(restart());
    if (problem.code() != Code::kBusy && !wrong_part) return problem;
    failures = writer_.size_bytes() > before_bytes ? 1 : failures + 1;
    const auto pause_ms = rule.pause_ms(failures, asked_pause_ms);
    if (!pause_ms) return problem;
    log::info("{}; trying again in {} ms", problem.message(), *pause_ms);
    SAMOVAR_TRY(writer_.meter().pause(*pause_ms));
  }
  return {};
}

}  // namespace

std::optional<int64_t> RetryRule::pause_ms(int failures, int64_t asked_pause_ms) const {
  const int64_t pause_ms = std::max(asked_pause_ms, first_pause_ms << (failures - 1));
  if (failures >= attempts || pause_ms > longest_pause_ms) return std::nullopt;
  return pause_ms;
}

int64_t retry_after_ms(const net::Response& response) {
  return net::retry_after_s(response.headers, system_clock().unix_s()).value_or(0) * 1000;
}

net::ClientOptions client_options(const StoreOptions& options) {
  net::ClientOptions out;
  out.ca_file = options.ca_file;
  out.extra_ca_file = options.extra_ca_file;
  return out;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
  if (!text.starts_with("bytes ")) return {};
  text.remove_prefix(6);
  const size_t dash = text.find('-'), slash = text.find('/');
  if (dash == std::string_view::npos || slash == std::string_view::npos || dash > slash) return {};
  const auto begin = sys::parse_u64(text.substr(0, dash));
  if (!begin) return {};
  return ContentRange{*begin, sys::parse_u64(text.substr(slash + 1))};
}

Status http_problem(int status, std::string_view url) {
  const std::string where = fmt::format("{}: HTTP {}", shown_url(url), status);
  switch (status) {
    case 401:
    case 403:
      return invalid_argument(where +
                              ": the server wants to know who asks: set HF_TOKEN to a token that "
                              "may read it, and accept the model's terms on its page");
    case 404:
    case 410:
      return not_found(where + ": there is no such model or file");
    case 408:
    case 429:
      return busy(where + ": the server asks to come back later");
    default:
      if (status >= 500) return busy(where + ": the server has a problem");
      return internal_error(where + ": an answer that a pull can't use");
  }
}

Status download(net::HttpClient& client, const std::string& url, const Secret& authorization,
                BlobWriter& writer, const RetryRule& rule) {
  return Download(client, url, authorization, writer).run(rule);
}

}  // namespace samovar::store
