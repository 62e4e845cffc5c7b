// Families: series with the values of one moment, as somebody read them, for Registry::expose().
//
// Thread: one at a time. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace samovar::metrics {

using Labels = std::vector<std::pair<std::string, std::string>>;

enum class Kind : unsigned char { kCounter, kGauge };

struct Sample {
  Labels labels;
  double value;
};

class Families {
 public:
  // Constants of the program: the text of name and help must outlive this.
  struct Family {
    std::string_view name, help;
    Kind kind;
    std::vector<Sample> samples;
  };

  // One without samples is not shown.
  void add(Kind kind, std::string_view name, std::string_view help, std::vector<Sample> samples) {
    all_.push_back({name, help, kind, std::move(samples)});
  }
  void counter(std::string_view name, std::string_view help, double value) {
    add_one(Kind::kCounter, name, help, value);
  }
  void gauge(std::string_view name, std::string_view help, double value) {
    add_one(Kind::kGauge, name, help, value);
  }
  const std::vector<Family>& all() const { return all_; }

 private:
  void add_one(Kind kind, std::string_view name, std::string_view help, double value) {
    std::vector<Sample> samples;
    samples.push_back({{}, value});
    add(kind, name, help, std::move(samples));
  }
  std::vector<Family> all_;
};

}  // namespace samovar::metrics
