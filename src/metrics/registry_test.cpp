#include "metrics/registry.h"

#include <thread>

#include <doctest/doctest.h>

namespace samovar::metrics {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

size_t count_of(const std::string& text, std::string_view part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST_CASE("A counter and a gauge are exposed with HELP and TYPE") {
  Registry registry;
  registry.counter("llamacpp:prompt_tokens_total", "Prompt tokens evaluated.").add(17);
  registry.gauge("llamacpp:requests_processing", "Busy slots.").set(0.1);
  CHECK(registry.expose() ==
        "# HELP llamacpp:prompt_tokens_total Prompt tokens evaluated.\n"
        "# TYPE llamacpp:prompt_tokens_total counter\n"
        "llamacpp:prompt_tokens_total 17\n"
        "# HELP llamacpp:requests_processing Busy slots.\n"
        "# TYPE llamacpp:requests_processing gauge\n"
        "llamacpp:requests_processing 0.1\n");
}

TEST_CASE("Series of one family share one HELP and TYPE and differ by labels") {
  Registry registry;
  registry.counter("samovar:requests_total", "Requests.", {{"status", "200"}}).add();
  registry.counter("samovar:requests_total", "Requests.", {{"status", "404"}}).add(2);
  registry.counter("samovar:requests_total", "Requests.", {{"status", "200"}}).add();
  const std::string text = registry.expose();
  CHECK(count_of(text, "# HELP") == 1);
  CHECK(count_of(text, "# TYPE") == 1);
  CHECK(contains(text, "samovar:requests_total{status=\"200\"} 2\n"));
  CHECK(contains(text, "samovar:requests_total{status=\"404\"} 2\n"));
}

TEST_CASE("A label value is escaped") {
  Registry registry;
  registry.gauge("g", "h", {{"model", "a\"b\\c\nd"}}).set(1);
  CHECK(contains(registry.expose(), "g{model=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

TEST_CASE("what was read just now stands behind what is counted, and no samples make no family") {
  Registry registry;
  registry.counter("c", "h").add();
  Families read;
  read.gauge("g", "h", 0.5);
  read.add(Kind::kGauge, "none", "h", {});
  read.add(Kind::kCounter, "n", "h", {{{{"model", "a"}}, 1}, {{{"model", "b"}}, 2}});
  CHECK(registry.expose(read) ==
        "# HELP c h\n# TYPE c counter\nc 1\n"
        "# HELP g h\n# TYPE g gauge\ng 0.5\n"
        "# HELP n h\n# TYPE n counter\nn{model=\"a\"} 1\nn{model=\"b\"} 2\n");
}

TEST_CASE("A counter never goes down") {
  Registry registry;
  const Counter counter = registry.counter("c", "h");
  counter.add(3);
  counter.add(-1);
  CHECK(counter.value() == 3);
}

TEST_CASE("Histogram buckets are cumulative, bounds belong to their bucket, +Inf has all") {
  Registry registry;
  const Histogram histogram = registry.histogram("h", "help", {0.5, 1});
  for (const double value : {0.25, 0.5, 0.75, 4.0}) histogram.observe(value);
  const std::string text = registry.expose();
  CHECK(contains(text, "h_bucket{le=\"0.5\"} 2\n"));
  CHECK(contains(text, "h_bucket{le=\"1\"} 3\n"));
  CHECK(contains(text, "h_bucket{le=\"+Inf\"} 4\n"));
  CHECK(contains(text, "h_count 4\n"));
  CHECK(contains(text, "h_sum 5.5\n"));
  CHECK(histogram.count() == 4);
}

TEST_CASE("Counting from several threads while another reads loses nothing") {
  Registry registry;
  const Counter counter = registry.counter("c", "h");
  const Histogram histogram = registry.histogram("s", "h", seconds_buckets());
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) {
        counter.add();
        histogram.observe(0.01);
      }
    });
  }
  for (int i = 0; i < 20; ++i) CHECK(!registry.expose().empty());
  for (std::thread& thread : threads) thread.join();
  CHECK(counter.value() == 3000);
  CHECK(histogram.count() == 3000);
}

}  // namespace
}  // namespace samovar::metrics
