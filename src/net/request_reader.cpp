#include "net/request_reader.h"

#include "base/check.h"
#include "net/body_budget.h"
#include "net/head_scan.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>

namespace samovar::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

// Chunk extensions are legal and useless; this many bytes of them per body are forgiven.
constexpr size_t kMaxChunkExtensionBytes = 16 << 10;

std::string_view plain(BeastView view) {
  return {view.data(), view.size()};
}

// Beast's grammar, with stricter framing rules; fills a Request.
class Parser final : public http::basic_parser<true> {
 public:
  Parser(const ReaderLimits& limits, Request& request, RequestReader::Error& error)
      : request_(request), error_(error), max_body_bytes_(limits.max_body_bytes) {
    const uint64_t head_bytes = limits.max_request_line_bytes +
                                uint64_t{limits.max_headers} * (limits.max_header_bytes + 2) + 8;
    header_limit(static_cast<uint32_t>(
        std::min<uint64_t>(head_bytes, std::numeric_limits<uint32_t>::max())));
    body_limit(limits.max_body_bytes);
  }

  bool expects_continue() const { return expects_continue_; }
  // Rules over all fields together, after the last of them.
  void check_head() {
    if (n_hosts_ > 1) return fail(400, "more than one Host header");
    if (n_hosts_ == 0 && request_.minor_version == 1) return fail(400, "no Host header");
    if (!authority_.empty()) request_.headers.set("Host", authority_);
    request_.keep_alive = keep_alive();
  }

 private:
  void fail(int status, std::string message) { error_ = {status, std::move(message)}; }
  void fail(int status, std::string message, error_code& ec) {
    fail(status, std::move(message));
    ec = http::error::bad_value;
  }

  void on_request_impl(http::verb, BeastView method, BeastView target, int version,
                       error_code& ec) override {
    request_.method = method_from_name(plain(method));
    request_.method_text = plain(method);
    request_.minor_version = version % 10;
    take_target(plain(target), ec);
  }

  void take_target(std::string_view target, error_code& ec) {
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (!target.starts_with(scheme)) continue;
      target.remove_prefix(scheme.size());
      authority_ = target.substr(0, target.find_first_of("/?"));
      if (authority_.empty()) return fail(400, "the request target names no host", ec);
      target.remove_prefix(authority_.size());
      if (target.empty()) target = "/";
    }
    const bool whole_server = target == "*" && request_.method == Method::kOptions;
    if (!target.starts_with('/') && !target.starts_with('?') && !whole_server) {
      return fail(400, "the request target must begin with /", ec);
    }
    const size_t question = target.find('?');
    std::optional<std::string> path = percent_decode(target.substr(0, question));
    if (!path) return fail(400, "broken percent encoding in the request target", ec);
    request_.path = path->empty() ? "/" : *std::move(path);
    if (question != std::string_view::npos) request_.query = target.substr(question + 1);
  }

  void on_field_impl(http::field field, BeastView name, BeastView value, error_code& ec) override {
    if (in_trailers_) return;
    switch (field) {
      case http::field::host:
        ++n_hosts_;
        break;
      case http::field::content_length:
        check_content_length(plain(value), ec);
        break;
      case http::field::transfer_encoding:
        check_transfer_encoding(plain(value), ec);
        break;
      case http::field::expect:
        expects_continue_ =
            request_.minor_version == 1 && equals_ignoring_case(plain(value), "100-continue");
        break;
      default:
        break;
    }
    request_.headers.add(std::string(plain(name)), std::string(plain(value)));
  }

  void check_content_length(std::string_view value, error_code& ec) {
    if (std::exchange(has_length_, true)) return fail(400, "more than one Content-Length", ec);
    const bool digits =
        !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
    if (!digits) fail(400, "Content-Length is not a number", ec);
  }

  void check_transfer_encoding(std::string_view value, error_code& ec) {
    if (request_.minor_version == 0) return fail(400, "Transfer-Encoding in HTTP/1.0", ec);
    if (!equals_ignoring_case(value, "chunked")) {
      return fail(501, "the only known Transfer-Encoding is chunked", ec);
    }
    if (has_length_) fail(400, "both Content-Length and Transfer-Encoding", ec);
  }

  void on_header_impl(error_code&) override { in_trailers_ = true; }
  void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
    body_bytes_ = static_cast<size_t>(std::min<uint64_t>(length.value_or(0), max_body_bytes_));
  }
  // A large body of known length gets its place at once: a text that grows is there twice for a
  // moment, and that would be more than its share of the budget.
  size_t on_body_impl(BeastView bytes, error_code&) override {
    const size_t n_bytes = request_.body.size() + bytes.size();
    if (n_bytes > BodyBudget::kFreeBytes && n_bytes <= body_bytes_) {
      request_.body.reserve(body_bytes_);
    }
    request_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(uint64_t, BeastView extensions, error_code& ec) override {
    extension_bytes_ += extensions.size();
    if (extension_bytes_ > kMaxChunkExtensionBytes) fail(400, "too many chunk extensions", ec);
  }
  size_t on_chunk_body_impl(uint64_t, BeastView bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}
  void on_response_impl(int, BeastView, int, error_code&) override {}

  Request& request_;
  RequestReader::Error& error_;
  const size_t max_body_bytes_;
  std::string authority_;  // of an absolute target
  int n_hosts_ = 0;
  size_t extension_bytes_ = 0;
  size_t body_bytes_ = 0;  // as the head says; 0: it does not
  bool has_length_ = false;
  bool in_trailers_ = false;
  bool expects_continue_ = false;
};

RequestReader::Error error_of(const error_code& ec) {
  if (ec == http::error::body_limit) return {413, "the body is over the size limit"};
  if (ec == http::error::header_limit) return {431, "the request head is over the size limit"};
  return {400, "malformed HTTP: " + ec.message()};
}

}  // namespace

class RequestReader::Impl {
 public:
  explicit Impl(const ReaderLimits& limits) : limits_(limits), scan_(limits) { begin_request(); }

  void feed(std::string_view bytes) {
    input_.append(bytes);
    parse();
  }

  void next() {
    begin_request();
    parse();
  }

  size_t waiting_bytes() const { return input_.size() - begin_; }

  ReaderLimits limits_;
  State state_ = State::kIdle;
  Error error_;
  Request request_;
  std::optional<Parser> parser_;

 private:
  void begin_request() {
    request_ = Request();
    scan_ = HeadScan(limits_);
    parser_.emplace(limits_, request_, error_);
    state_ = State::kIdle;
  }

  void parse() {
    if (state_ == State::kIdle) skip_blank_lines();
    if (state_ == State::kIdle && waiting_bytes() > 0) state_ = State::kHead;
    if (state_ == State::kHead) scan_head();
    while ((state_ == State::kHead || state_ == State::kBody) && parse_element()) {
    }
    compact();
  }

  // Clients of old send an empty line after a body; the RFC says to skip it.
  void skip_blank_lines() {
    while (begin_ < input_.size() && (input_[begin_] == '\r' || input_[begin_] == '\n')) ++begin_;
  }

  void scan_head() {
    std::string_view unseen = std::string_view(input_).substr(begin_ + scanned_bytes_);
    scanned_bytes_ += scan_.feed(unseen);
    if (scan_.error_status() != 0) fail({scan_.error_status(), std::string(scan_.error_message())});
  }

  // One step of the parser; false when it needs more bytes or has come to an end.
  bool parse_element() {
    error_code ec;
    const bool in_body = state_ == State::kBody;
    const size_t body_bytes = request_.body.size();
    const size_t n_bytes =
        parser_->put(boost::asio::const_buffer(input_.data() + begin_, waiting_bytes()), ec);
    begin_ += n_bytes;
    scanned_bytes_ -= std::min(scanned_bytes_, n_bytes);
    const bool needs_more = ec == http::error::need_more;
    if (ec && !needs_more) {
      fail(error_.status != 0 ? error_ : error_of(ec));
      return false;
    }
    // What is no body in a body is a chunk header or the trailers: one whole, or one that waits for
    // its end. Both count, so that it does not matter how the bytes were cut.
    const size_t framing_bytes =
        needs_more ? waiting_bytes() : n_bytes - (request_.body.size() - body_bytes);
    if (in_body && framing_bytes > limits_.max_header_bytes) {
      fail({431, "a chunk header or the trailers are over the size limit"});
      return false;
    }
    if (needs_more) return false;
    if (!in_body && parser_->is_header_done() && !finish_head()) return false;
    if (parser_->is_done()) state_ = State::kComplete;
    return state_ != State::kComplete && waiting_bytes() > 0;
  }

  bool finish_head() {
    parser_->check_head();
    if (error_.status != 0) {
      fail(error_);
      return false;
    }
    state_ = State::kBody;
    scanned_bytes_ = 0;
    return true;
  }

  void fail(Error error) {
    error_ = std::move(error);
    state_ = State::kFailed;
    begin_ = input_.size();
  }

  // Gives back the consumed front of the input, in time linear in all bytes fed.
  void compact() {
    if (begin_ < input_.size() && begin_ < input_.size() / 2) return;
    input_.erase(0, begin_);
    begin_ = 0;
  }

  HeadScan scan_;
  std::string input_;
  size_t begin_ = 0;          // B of input_ that are parsed
  size_t scanned_bytes_ = 0;  // B after begin_ that scan_ has seen
};

RequestReader::RequestReader(const ReaderLimits& limits) : impl_(std::make_unique<Impl>(limits)) {}
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

RequestReader::State RequestReader::feed(std::string_view bytes) {
  if (state() != State::kFailed) impl_->feed(bytes);
  return state();
}

RequestReader::State RequestReader::next() {
  SAMOVAR_CHECK(state() == State::kComplete);
  impl_->next();
  return state();
}

RequestReader::State RequestReader::state() const {
  return impl_->state_;
}

Request& RequestReader::request() {
  return impl_->request_;
}

const RequestReader::Error& RequestReader::error() const {
  return impl_->error_;
}

bool RequestReader::expects_continue() const {
  return impl_->parser_->expects_continue() && impl_->request_.body.empty();
}

size_t RequestReader::body_bytes() const {
  return impl_->request_.body.size();
}

size_t RequestReader::waiting_bytes() const {
  return impl_->waiting_bytes();
}

}  // namespace samovar::net
