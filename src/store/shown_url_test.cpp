#include "store/shown_url.h"

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

TEST_CASE("An address is shown without what only its owner may know") {
  CHECK(shown_url("https://host/a/x.gguf") == "https://host/a/x.gguf");
  CHECK(shown_url("https://bob:pass@host:8/x.gguf?sig=1#f") == "https://host:8/x.gguf");
  CHECK(shown_url("http://bob@host") == "http://host");
  CHECK(shown_url("http://a:p@ss@host/x") == "http://host/x");
  CHECK(shown_url("https://host/a@b.gguf") == "https://host/a@b.gguf");
  CHECK(shown_url("https://bob:pass@host?sig=/@x") == "https://host");
}

TEST_CASE("Other names are shown as they are") {
  CHECK(shown_name("hf:user/repo@v2:Q4_K_M") == "hf:user/repo@v2:Q4_K_M");
  CHECK(shown_name("./what?.gguf") == "./what?.gguf");
  CHECK(shown_name("http://u:p@host/x.gguf?k=1") == "http://host/x.gguf");
}

}  // namespace
}  // namespace samovar::store
