#include "store/blob_writer.h"

#include "sys/file.h"
#include "sys/test_tree.h"

#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

const ProgressSink kSilent;

struct Bench {
  sys::TestTree tree;
  Meter meter{kSilent, system_clock()};
  std::string partial = tree.path() + "/x.incomplete";
  std::string whole = tree.path() + "/x";

  Result<BlobWriter> open(const Expected& expected) {
    return BlobWriter::open(partial, whole, expected, meter);
  }
  bool has(const std::string& path) const { return std::filesystem::exists(path); }
};

Status append(BlobWriter& writer, std::string_view text) {
  return writer.append(std::as_bytes(std::span(text)));
}

TEST_CASE("a file gets its name when all of it is there and its hash is right") {
  Bench bench;
  auto writer = bench.open({sha256("hello"), 5});
  REQUIRE(writer.ok());
  REQUIRE(writer->keep(0).ok());
  REQUIRE(append(*writer, "hel").ok());
  CHECK(writer->commit().status().code() == Code::kCorrupt);
  CHECK_FALSE(bench.has(bench.whole));
  REQUIRE(append(*writer, "lo").ok());
  CHECK(*writer->commit() == sha256("hello"));
  CHECK(*sys::read_file(bench.whole, 10) == "hello");
  CHECK_FALSE(bench.has(bench.partial));
}

TEST_CASE("a wrong hash names both hashes and leaves nothing behind") {
  Bench bench;
  {
    auto writer = bench.open({sha256("hello"), {}});
    REQUIRE(writer->keep(0).ok());
    REQUIRE(append(*writer, "jello").ok());
    const auto digest = writer->commit();
    CHECK(digest.status().code() == Code::kCorrupt);
    const std::string message(digest.status().message());
    CHECK(message.find(sha256("hello").hex()) != std::string::npos);
    CHECK(message.find(sha256("jello").hex()) != std::string::npos);
  }
  CHECK_FALSE(bench.has(bench.whole));
  CHECK_FALSE(bench.has(bench.partial));
}

TEST_CASE("what an interrupted pull left is hashed anew and continued") {
  Bench bench;
  {
    auto writer = bench.open({sha256("hello"), 5});
    REQUIRE(writer->keep(0).ok());
    REQUIRE(append(*writer, "helX").ok());
  }
  CHECK(bench.has(bench.partial));
  auto writer = bench.open({sha256("hello"), 5});
  CHECK(writer->size_bytes() == 4);
  REQUIRE(writer->keep(3).ok());
  REQUIRE(append(*writer, "lo").ok());
  CHECK(writer->commit().ok());
}

TEST_CASE("more bytes than announced are refused before they are written") {
  Bench bench;
  {
    auto writer = bench.open({{}, 4});
    REQUIRE(writer->keep(0).ok());
    CHECK(append(*writer, "hello").code() == Code::kTooLarge);
  }
  CHECK_FALSE(bench.has(bench.partial));
}

TEST_CASE("a model that is larger than the free disk is refused with both numbers") {
  Bench bench;
  const auto writer = bench.open({{}, uint64_t{1} << 60});
  CHECK(writer.status().code() == Code::kResourceExhausted);
  CHECK(writer.status().message().find("GB free") != std::string_view::npos);
}

TEST_CASE("a sink that says stop ends the pull and keeps what is there") {
  Bench bench;
  const ProgressSink stop = [](const Progress&) { return false; };
  Meter meter(stop, system_clock());
  {
    auto writer = BlobWriter::open(bench.partial, bench.whole, {{}, 5}, meter);
    REQUIRE(writer->keep(0).ok());
    CHECK(append(*writer, "hello").code() == Code::kCancelled);
  }
  CHECK(*sys::read_file(bench.partial, 10) == "hello");
}

TEST_CASE("the rate is that of the last seconds, without what was there before") {
  FakeClock clock;
  Progress last;
  const ProgressSink keep = [&](const Progress& progress) {
    last = progress;
    return true;
  };
  Meter meter(keep, clock);
  REQUIRE(meter.begin(Phase::kDownload, "x", 1'000'000).ok());
  clock.advance_us(1'000'000);
  REQUIRE(meter.advance_to(500'000).ok());
  CHECK(last.bytes_per_s == doctest::Approx(0));
  clock.advance_us(1'000'000);
  REQUIRE(meter.advance_to(600'000).ok());
  CHECK(last.bytes_per_s == doctest::Approx(100'000));
  clock.advance_us(50'000);
  REQUIRE(meter.advance_to(700'000).ok());
  CHECK(last.bytes_done == 600'000);
}

}  // namespace
}  // namespace samovar::store
