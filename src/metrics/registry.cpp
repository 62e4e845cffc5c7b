#include "metrics/registry.h"

#include "base/check.h"
#include "base/sync.h"

#include <algorithm>
#include <deque>
#include <limits>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace samovar::metrics {

// Counts per bucket (not cumulative; the last is +Inf) and the sum, each an atomic of its own: a
// reader amid an observe() may see it in one and not yet in the other.
class HistogramCells {
 public:
  explicit HistogramCells(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {
    SAMOVAR_CHECK(std::is_sorted(bounds_.begin(), bounds_.end()));
  }

  void observe(double value) {
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), value) - bounds_.begin();
    counts_[static_cast<size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
  }

  double sum() const { return sum_.load(std::memory_order_relaxed); }

  prometheus::ClientMetric::Histogram read() const {
    prometheus::ClientMetric::Histogram read;
    for (size_t i = 0; i < counts_.size(); ++i) {
      read.sample_count += counts_[i].load(std::memory_order_relaxed);
      const double bound =
          i < bounds_.size() ? bounds_[i] : std::numeric_limits<double>::infinity();
      read.bucket.push_back({read.sample_count, bound});
    }
    read.sample_sum = sum();
    return read;
  }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<uint64_t>> counts_;
  std::atomic<double> sum_ = 0;
};

namespace {

using prometheus::MetricType;

// One series; which members are used is its family's type.
struct Series {
  Labels labels;
  std::atomic<double> cell = 0;
  std::unique_ptr<HistogramCells> histogram;
};

struct FamilyKey {
  std::string_view name, help;
  MetricType type;
};

struct Family {
  std::string name, help;
  MetricType type;
  std::deque<Series> series;  // deque: handles point into it
};

void set_value(prometheus::ClientMetric& metric, MetricType type, double value) {
  if (type == MetricType::Counter) metric.counter.value = value;
  if (type == MetricType::Gauge) metric.gauge.value = value;
}

void set_labels(prometheus::ClientMetric& metric, const Labels& labels) {
  for (const auto& [name, value] : labels) metric.label.push_back({name, value});
}

prometheus::ClientMetric snapshot(const Series& series, MetricType type) {
  prometheus::ClientMetric metric;
  set_labels(metric, series.labels);
  if (type == MetricType::Histogram) {
    metric.histogram = series.histogram->read();
  } else {
    set_value(metric, type, series.cell.load(std::memory_order_relaxed));
  }
  return metric;
}

prometheus::MetricFamily snapshot(const Families::Family& family) {
  prometheus::MetricFamily shown;
  shown.name = family.name;
  shown.help = family.help;
  shown.type = family.kind == Kind::kCounter ? MetricType::Counter : MetricType::Gauge;
  for (const Sample& sample : family.samples) {
    auto& metric = shown.metric.emplace_back();
    set_labels(metric, sample.labels);
    set_value(metric, shown.type, sample.value);
  }
  return shown;
}

}  // namespace

class Registry::Impl {
 public:
  // The series of that name and labels; a new one is first handed to `prepare`.
  template <class Prepare>
  Series& series(const FamilyKey& key, Labels labels, const Prepare& prepare) {
    MutexLock lock(mutex_);
    Family& home = family(key);
    for (Series& known : home.series) {
      if (known.labels == labels) return known;
    }
    Series& made = home.series.emplace_back();
    made.labels = std::move(labels);
    prepare(made);
    return made;
  }
  Series& series(const FamilyKey& key, Labels labels) {
    return series(key, std::move(labels), [](Series&) {});
  }

  std::vector<prometheus::MetricFamily> snapshot_all() const {
    MutexLock lock(mutex_);
    std::vector<prometheus::MetricFamily> all;
    for (const Family& family : families_) {
      auto& shown = all.emplace_back();
      shown.name = family.name;
      shown.help = family.help;
      shown.type = family.type;
      for (const Series& series : family.series) {
        shown.metric.push_back(snapshot(series, family.type));
      }
    }
    return all;
  }

 private:
  Family& family(const FamilyKey& key) SAMOVAR_TSA(requires_capability(mutex_)) {
    for (Family& known : families_) {
      if (known.name != key.name) continue;
      SAMOVAR_CHECK(known.type == key.type);
      return known;
    }
    Family& made = families_.emplace_back();
    made.name = key.name;
    made.help = key.help;
    made.type = key.type;
    return made;
  }

  mutable Mutex mutex_;  // guards the lists, not the cells
  std::deque<Family> families_ SAMOVAR_TSA(guarded_by(mutex_));
};

void Counter::add(double amount) const {
  if (amount > 0) cell_->fetch_add(amount, std::memory_order_relaxed);
}

void Histogram::observe(double value) const {
  cells_->observe(value);
}
uint64_t Histogram::count() const {
  return cells_->read().sample_count;
}
double Histogram::sum() const {
  return cells_->sum();
}

std::vector<double> seconds_buckets() {
  return {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
          1,     2.5,    5,     10,   25,    50,   100, 200,  300};
}

Registry::Registry() : impl_(std::make_unique<Impl>()) {}
Registry::~Registry() = default;

Counter Registry::counter(std::string_view name, std::string_view help, Labels labels) {
  return Counter(&impl_->series({name, help, MetricType::Counter}, std::move(labels)).cell);
}

Gauge Registry::gauge(std::string_view name, std::string_view help, Labels labels) {
  return Gauge(&impl_->series({name, help, MetricType::Gauge}, std::move(labels)).cell);
}

Histogram Registry::histogram(std::string_view name, std::string_view help,
                              std::vector<double> bounds, Labels labels) {
  const auto prepare = [&](Series& made) {
    made.histogram = std::make_unique<HistogramCells>(std::move(bounds));
  };
  const FamilyKey key = {name, help, MetricType::Histogram};
  return Histogram(impl_->series(key, std::move(labels), prepare).histogram.get());
}

std::string Registry::expose(const Families& more) const {
  std::vector<prometheus::MetricFamily> all = impl_->snapshot_all();
  for (const Families::Family& family : more.all()) {
    if (!family.samples.empty()) all.push_back(snapshot(family));
  }
  return prometheus::TextSerializer().Serialize(all);
}

}  // namespace samovar::metrics
