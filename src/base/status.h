// Status and Result<T>: how every samovar function reports failure.
//
// A Status is one shared pointer: null means OK and costs nothing. Otherwise it holds a code and
// one sentence that says what failed, where (key, offset, field), what was expected and what was
// found. Copies share it and need no memory. Result<T> holds either a T or a Status that is not OK;
// its members are named as std::expected's. Nothing in samovar throws across a folder boundary.
// Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/check.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace samovar {

enum class Code {
  kOk,
  kInvalidArgument,    // the caller's input is wrong: HTTP 400
  kNotFound,           // HTTP 404
  kTooLarge,           // over a size limit: HTTP 413
  kUnsupported,        // understood, but not built: HTTP 422
  kCorrupt,            // a file or reply that breaks its format: HTTP 422
  kBusy,               // try again later: HTTP 503 with Retry-After
  kResourceExhausted,  // memory, disk, descriptors: HTTP 503
  kCancelled,          // the client went away: logged only
  kInternal,           // our own bug or an unexpected OS error: HTTP 500
};

// "invalid_argument", "not_found", ...: stable names for logs and metrics.
std::string_view code_name(Code code);
// The HTTP status that stands for `code` (200 for kOk, 499 for kCancelled).
int http_status(Code code);
// The process exit code that stands for `code` (sysexits.h values; 0 for kOk).
int exit_code(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;  // OK
  Status(Code code, std::string message)
      : error_(std::make_shared<const Error>(Error{code, std::move(message)})) {
    SAMOVAR_CHECK(code != Code::kOk);
  }

  bool ok() const { return error_ == nullptr; }
  Code code() const { return error_ ? error_->code : Code::kOk; }
  // Empty when OK. Valid while this Status lives unchanged.
  std::string_view message() const { return error_ ? std::string_view(error_->message) : ""; }
  // The same status with `where` and ": " put before its message; OK stays OK.
  Status with_context(std::string_view where) const;
  // Says that this status is dropped on purpose, and why.
  void ignore(std::string_view why) const { static_cast<void>(why); }

 private:
  struct Error {
    Code code;
    std::string message;
  };
  std::shared_ptr<const Error> error_;
};

inline Status invalid_argument(std::string m) {
  return {Code::kInvalidArgument, std::move(m)};
}
inline Status not_found(std::string m) {
  return {Code::kNotFound, std::move(m)};
}
inline Status too_large(std::string m) {
  return {Code::kTooLarge, std::move(m)};
}
inline Status unsupported(std::string m) {
  return {Code::kUnsupported, std::move(m)};
}
inline Status corrupt(std::string m) {
  return {Code::kCorrupt, std::move(m)};
}
inline Status busy(std::string m) {
  return {Code::kBusy, std::move(m)};
}
inline Status resource_exhausted(std::string m) {
  return {Code::kResourceExhausted, std::move(m)};
}
inline Status cancelled(std::string m) {
  return {Code::kCancelled, std::move(m)};
}
inline Status internal_error(std::string m) {
  return {Code::kInternal, std::move(m)};
}
// kResourceExhausted, "out of memory": made at start, so that saying it needs no memory.
Status out_of_memory() noexcept;
// kNotFound, kResourceExhausted or kInternal by errno, with "what: strerror" as the message.
Status errno_error(int error_number, std::string_view what);

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT(google-explicit-constructor)
  Result(Status status) : status_(std::move(status)) {  // NOLINT(google-explicit-constructor)
    SAMOVAR_CHECK(!status_.ok());
  }

  bool has_value() const { return value_.has_value(); }
  bool ok() const { return has_value(); }
  // OK when a value is held.
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }
  // REQUIRES: ok().
  T& value() & { return checked(); }
  const T& value() const& { return const_cast<Result*>(this)->checked(); }
  T&& value() && { return std::move(checked()); }
  T& operator*() & { return checked(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(checked()); }
  T* operator->() { return &checked(); }
  const T* operator->() const { return &value(); }
  T value_or(T fallback) && { return ok() ? std::move(*value_) : std::move(fallback); }

 private:
  T& checked() {
    SAMOVAR_CHECK(value_.has_value());
    return *value_;
  }
  std::optional<T> value_;
  Status status_;
};

}  // namespace samovar

// Returns the Status of `expr` from the enclosing function unless it is OK.
#define SAMOVAR_TRY(expr)                                     \
  do {                                                        \
    if (auto samovar_status = (expr); !samovar_status.ok()) { \
      return samovar_status;                                  \
    }                                                         \
  } while (false)

#define SAMOVAR_CONCAT_INNER(a, b) a##b
#define SAMOVAR_CONCAT(a, b) SAMOVAR_CONCAT_INNER(a, b)
// SAMOVAR_ASSIGN(auto x, f()): declares x from a Result, or returns its Status.
#define SAMOVAR_ASSIGN(declaration, expr) \
  SAMOVAR_ASSIGN_INNER(SAMOVAR_CONCAT(samovar_result_, __LINE__), declaration, expr)
#define SAMOVAR_ASSIGN_INNER(result, declaration, expr) \
  auto result = (expr);                                 \
  if (!result.ok()) return std::move(result).status();  \
  declaration = *std::move(result)
