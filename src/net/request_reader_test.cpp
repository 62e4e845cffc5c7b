#include "net/request_reader.h"

#include <doctest/doctest.h>

namespace samovar::net {
namespace {

using State = RequestReader::State;

RequestReader::Error error_of(std::string_view bytes, const ReaderLimits& limits = {}) {
  RequestReader reader(limits);
  reader.feed(bytes);
  return reader.state() == State::kFailed ? reader.error() : RequestReader::Error{};
}

std::string post(std::string_view headers, std::string_view body) {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n" + std::string(body);
}

TEST_CASE("A request is read whole: method, path, query, headers, body") {
  RequestReader reader({});
  CHECK(reader.state() == State::kIdle);
  CHECK(reader.feed("POST /a%20b?x=1&y HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\nX-Y:  z \r\n"
                    "\r\nhello") == State::kComplete);
  const Request& request = reader.request();
  CHECK(request.method == Method::kPost);
  CHECK(request.path == "/a b");
  CHECK(request.query == "x=1&y");
  CHECK(request.headers.find("x-y") == "z");
  CHECK(request.body == "hello");
  CHECK(request.keep_alive);
  CHECK(request.minor_version == 1);
}

TEST_CASE("A request that comes byte by byte is the same as one that comes at once") {
  const std::string bytes = post("Transfer-Encoding: chunked\r\nX-A: b\r\n",
                                 "4;ext=1\r\nwiki\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n");
  RequestReader whole({}), slow({});
  REQUIRE(whole.feed(bytes) == State::kComplete);
  for (size_t i = 0; i < bytes.size(); ++i) {
    REQUIRE(slow.state() != State::kComplete);
    slow.feed(bytes.substr(i, 1));
  }
  REQUIRE(slow.state() == State::kComplete);
  for (RequestReader* reader : {&whole, &slow}) {
    CHECK(reader->request().body == "wiki0123456789");
    CHECK_FALSE(reader->request().headers.has("Trailer"));
    CHECK(reader->waiting_bytes() == 0);
  }
}

TEST_CASE("A large body of known length gets its place at once and does not move") {
  constexpr size_t kBytes = 1 << 20, kPiece = 50'000;
  RequestReader reader({});
  reader.feed(post("Content-Length: " + std::to_string(kBytes) + "\r\n", ""));
  const std::string piece(kPiece, 'x');
  const char* place = nullptr;
  for (size_t done = 0; done < kBytes; done += kPiece) {
    reader.feed(std::string_view(piece).substr(0, kBytes - done));
    if (done == kPiece) place = reader.request().body.data();  // over 64 KiB by now
  }
  REQUIRE(reader.state() == State::kComplete);
  CHECK(reader.request().body.size() == kBytes);
  CHECK(reader.request().body.data() == place);
}

TEST_CASE("Pipelined requests come out one after the other") {
  RequestReader reader({});
  const std::string get = "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n";
  REQUIRE(reader.feed(get + post("Content-Length: 2\r\n", "ab") + get.substr(0, 10)) ==
          State::kComplete);
  CHECK(reader.request().path == "/1");
  REQUIRE(reader.next() == State::kComplete);
  CHECK(reader.request().body == "ab");
  CHECK(reader.next() == State::kHead);
  CHECK(reader.feed(get.substr(10)) == State::kComplete);
}

TEST_CASE("The client that waits for 100 Continue is seen once the head is done") {
  RequestReader reader({});
  CHECK(reader.feed(post("Content-Length: 2\r\nExpect: 100-continue\r\n", "")) == State::kBody);
  CHECK(reader.expects_continue());
  reader.feed("a");
  CHECK_FALSE(reader.expects_continue());
  CHECK(reader.body_bytes() == 1);
}

TEST_CASE("Connection reuse follows the version and the Connection header") {
  const auto keep_alive = [](std::string_view bytes) {
    RequestReader reader({});
    REQUIRE(reader.feed(bytes) == State::kComplete);
    return reader.request().keep_alive;
  };
  CHECK(keep_alive("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK_FALSE(keep_alive("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  CHECK_FALSE(keep_alive("GET / HTTP/1.0\r\n\r\n"));
  CHECK(keep_alive("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST_CASE("The request target may be absolute and then names the host") {
  RequestReader reader({});
  REQUIRE(reader.feed("GET http://real:1/x?q HTTP/1.1\r\nHost: other\r\n\r\n") == State::kComplete);
  CHECK(reader.request().path == "/x");
  CHECK(reader.request().query == "q");
  CHECK(reader.request().headers.find("Host") == "real:1");
}

TEST_CASE("Empty lines before a request are skipped") {
  RequestReader reader({});
  CHECK(reader.feed("\r\n\r\n") == State::kIdle);
  CHECK(reader.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == State::kComplete);
}

TEST_CASE("Requests that could be read in two ways are refused") {
  for (const char* headers : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                              "Content-Length: 5\r\nContent-Length: 5\r\n",
                              "Content-Length: 5, 5\r\n",
                              "Content-Length: 5\r\nContent-Length: 6\r\n",
                              "Content-Length: -5\r\n",
                              "Content-Length: +5\r\n",
                              "Content-Length: 0x5\r\n",
                              "Content-Length: 5 5\r\n",
                              "Content-Length:\r\n",
                              "Content-Length: 99999999999999999999999\r\n",
                              "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: chunked, chunked\r\n",
                              "Content-Length : 5\r\n",
                              " Folded: x\r\n",
                              "X: a\r\n folded\r\n",
                              "X: a\nY: b\r\n",
                              "X: a\rb\r\n",
                              "X: a\x01\r\n",
                              "no colon\r\n",
                              ": empty\r\n",
                              "Host: second\r\n",
                              "X Y: a\r\n",
                              "Content-Length: 5\x0b\r\n"}) {
    CAPTURE(std::string(headers));
    const auto error = error_of(post(headers, "0\r\n\r\n"));
    CHECK((error.status == 400 || error.status == 501));
    CHECK_FALSE(error.message.empty());
  }
}

TEST_CASE("Transfer encodings other than chunked are refused, not ignored") {
  for (const char* coding :
       {"gzip", "gzip, chunked", "chunked, gzip", "xchunked", "identity", ""}) {
    CAPTURE(coding);
    CHECK(error_of(post("Transfer-Encoding: " + std::string(coding) + "\r\n", "x")).status == 501);
  }
  CHECK(error_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status == 400);
}

TEST_CASE("Broken chunks are refused") {
  for (const char* body : {"-2\r\nab\r\n0\r\n\r\n", "+2\r\nab\r\n", "0x2\r\nab\r\n\r\n", "g\r\n",
                           "\r\n", "2\r\nabc\r\n0\r\n\r\n", "2\nab\r\n", "2 2\r\nab\r\n",
                           "FFFFFFFFFFFFFFFFF\r\n", "2;\x01=1\r\nab\r\n", "2\r\nab\n\n0\r\n\r\n"}) {
    CAPTURE(std::string(body));
    CHECK(error_of(post("Transfer-Encoding: chunked\r\n", body)).status == 400);
  }
}

TEST_CASE("Broken request lines are refused") {
  for (const char* line :
       {"GET\r\n", "GET /\r\n", "GET / HTTP/2.0\r\n", "GET / HTTP/1.1 \r\n", "GET  / HTTP/1.1\r\n",
        "GET /a b HTTP/1.1\r\n", "G@T\x01 / HTTP/1.1\r\n", "GET x HTTP/1.1\r\n",
        "GET * HTTP/1.1\r\n", "GET /% HTTP/1.1\r\n", "GET /%00 HTTP/1.1\r\n", "get / http/1.1\r\n",
        "GET http:///x HTTP/1.1\r\n", "\x16\x03\x01\x02\x01\r\n"}) {
    CAPTURE(line);
    CHECK(error_of(std::string(line) + "Host: h\r\n\r\n").status == 400);
  }
  CHECK(error_of("GET / HTTP/1.1\r\n\r\n").message == "no Host header");
}

TEST_CASE("Sizes over their limits are refused at the first byte over") {
  const ReaderLimits limits = {.max_body_bytes = 10,
                               .max_request_line_bytes = 100,
                               .max_header_bytes = 50,
                               .max_headers = 3};
  CHECK(error_of("GET /" + std::string(99, 'a'), limits).status == 414);
  CHECK(error_of("GET / HTTP/1.1\r\nX: " + std::string(60, 'a'), limits).status == 431);
  CHECK(error_of("GET / HTTP/1.1\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n", limits).status == 431);
  CHECK(error_of(post("Content-Length: 11\r\n", ""), limits).status == 413);
  CHECK(error_of(post("Content-Length: 10\r\n", ""), limits).status == 0);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  CHECK(error_of(post(chunked, "5\r\nhello\r\n6\r\n"), limits).status == 413);
  CHECK(error_of(post(chunked, "5;" + std::string(60, 'e')), limits).status == 431);
  CHECK(error_of(post(chunked, "0\r\nT: " + std::string(60, 't')), limits).status == 431);
}

TEST_CASE("A chunk header or trailers over the limit are refused however the bytes are cut") {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const std::string& body : {"0\r\nT: " + std::string(50, 't') + "\r\n\r\n",
                                  "1;" + std::string(50, 'e') + "\r\nx\r\n0\r\n\r\n"}) {
    CAPTURE(body);
    const std::string bytes = post(chunked, body);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
      RequestReader reader({.max_header_bytes = 50});
      reader.feed(bytes.substr(0, cut));
      CHECK(reader.feed(bytes.substr(cut)) == State::kFailed);
      CHECK(reader.error().status == 431);
    }
  }
}

TEST_CASE("A reader that failed stays failed") {
  RequestReader reader({});
  reader.feed("nonsense\r\n\r\n");
  REQUIRE(reader.state() == State::kFailed);
  CHECK(reader.feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == State::kFailed);
}

TEST_CASE("Chunk extensions have a budget") {
  std::string body;
  for (int i = 0; i < 100; ++i) body += "1;" + std::string(1000, 'e') + "\r\nx\r\n";
  CHECK(error_of(post("Transfer-Encoding: chunked\r\n", body)).status == 400);
}

}  // namespace
}  // namespace samovar::net
