// Any bytes as what a connection sends, in two pieces: the first byte says where they are cut.
//
// However the bytes are cut, the same requests come out of them. (What is broken may be refused
// sooner or later.)
// SPDX-License-Identifier: Apache-2.0
#include "net/request_reader.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using samovar::net::Header;
using samovar::net::ReaderLimits;
using samovar::net::Request;
using samovar::net::RequestReader;
using State = RequestReader::State;

// Small, so that short inputs reach them.
constexpr ReaderLimits kTight = {
    .max_body_bytes = 64, .max_request_line_bytes = 64, .max_header_bytes = 64, .max_headers = 4};

void check(const Request& request, const ReaderLimits& limits) {
  if (request.body.size() > limits.max_body_bytes) __builtin_trap();
  // One more than came: an absolute target gives the Host that HTTP/1.0 need not send.
  if (request.headers.size() > limits.max_headers + 1) __builtin_trap();
  if (request.path.empty() || (request.path[0] != '/' && request.path != "*")) __builtin_trap();
  if (request.path.find('\0') != std::string::npos) __builtin_trap();
  for (const Header& field : request.headers) {
    if (field.value.find_first_of("\r\n") != std::string::npos) __builtin_trap();
  }
}

// Appends the whole requests that come out of the reader.
void collect(RequestReader& reader, const ReaderLimits& limits, std::string& out) {
  for (; reader.state() == State::kComplete; reader.next()) {
    Request& request = reader.request();
    check(request, limits);
    out += request.method_text + " " + request.path + "?" + request.query + "\n";
    for (const Header& field : request.headers) out += field.name + ": " + field.value + "\n";
    out += request.body + "\n";
  }
}

std::string read(std::string_view first, std::string_view second, const ReaderLimits& limits) {
  RequestReader reader(limits);
  std::string requests;
  for (const std::string_view bytes : {first, second}) {
    reader.feed(bytes);
    collect(reader, limits, requests);
  }
  const bool refused = reader.state() == State::kFailed;
  if (refused && (reader.error().status < 400 || reader.error().message.empty())) __builtin_trap();
  return requests;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = bytes.size() * data[0] / 255;
  for (const ReaderLimits& limits : {ReaderLimits(), kTight}) {
    const std::string whole = read(bytes, "", limits);
    if (read(bytes.substr(0, cut), bytes.substr(cut), limits) != whole) __builtin_trap();
  }
  return 0;
}
