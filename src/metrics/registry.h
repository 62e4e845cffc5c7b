// Registry: counters, gauges and histograms, and their Prometheus text (format 0.0.4).
//
// Cells are atomics: whoever counts never waits for whoever reads. Series are made at start and
// live as long as the registry; handles are cheap copies that BORROW from it. Thread: handles and
// expose() from any; making series takes a lock. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "metrics/families.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::metrics {

class Counter {
 public:
  void add(double amount = 1) const;  // amounts below 0 are ignored
  double value() const { return cell_->load(std::memory_order_relaxed); }

 private:
  friend class Registry;
  explicit Counter(std::atomic<double>* cell) : cell_(cell) {}
  std::atomic<double>* cell_;
};

class Gauge {
 public:
  void set(double value) const { cell_->store(value, std::memory_order_relaxed); }
  void add(double amount) const { cell_->fetch_add(amount, std::memory_order_relaxed); }
  double value() const { return cell_->load(std::memory_order_relaxed); }

 private:
  friend class Registry;
  explicit Gauge(std::atomic<double>* cell) : cell_(cell) {}
  std::atomic<double>* cell_;
};

class HistogramCells;

class Histogram {
 public:
  void observe(double value) const;
  uint64_t count() const;
  double sum() const;

 private:
  friend class Registry;
  explicit Histogram(HistogramCells* cells) : cells_(cells) {}
  HistogramCells* cells_;
};

// Bucket bounds for seconds, 1 ms to 5 min, about three a decade.
std::vector<double> seconds_buckets();

class Registry {
 public:
  Registry();
  ~Registry();

  // The series of that name and labels, made when new. One name has one type and one help text
  // (a second type for a name is a bug of ours). Names look like "llamacpp:prompt_tokens_total".
  Counter counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge gauge(std::string_view name, std::string_view help, Labels labels = {});
  // Ascending upper bounds; +Inf is added.
  Histogram histogram(std::string_view name, std::string_view help, std::vector<double> bounds,
                      Labels labels = {});
  // Text of all families in the order they were made, then of `more`, which have other names; HELP
  // and TYPE once each.
  std::string expose(const Families& more = {}) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

inline constexpr std::string_view kContentType = "text/plain; version=0.0.4";

}  // namespace samovar::metrics
