#include "cli/ollama_port.h"

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

std::string parsed(std::string_view text) {
  const auto address = parse_ollama_host(text);
  return address.ok() ? address->host + " " + std::to_string(address->port) : "refused";
}

TEST_CASE("OLLAMA_HOST names an address with any of its parts missing") {
  CHECK(parsed("") == "127.0.0.1 11434");
  CHECK(parsed("0.0.0.0") == "0.0.0.0 11434");
  CHECK(parsed("localhost:8000") == "localhost 8000");
  CHECK(parsed(":8000") == "127.0.0.1 8000");
  CHECK(parsed("http://10.0.0.1") == "10.0.0.1 80");
  CHECK(parsed("http://10.0.0.1:11434/") == "10.0.0.1 11434");
  CHECK(parsed("[::1]:7") == "::1 7");
  CHECK(parsed("[::1]") == "::1 11434");
  CHECK(parsed("::1") == "::1 11434");
}

TEST_CASE("what is no address is refused") {
  CHECK(parsed("host:port") == "refused");
  CHECK(parsed("host:70000") == "refused");
  CHECK(parsed("host:") == "refused");
  CHECK(parsed("https://host") == "refused");
}

}  // namespace
}  // namespace samovar::cli
