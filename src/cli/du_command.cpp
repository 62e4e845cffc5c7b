// samovar du, gc: what the cache takes, and what of it nobody needs.
#include "cli/command.h"
#include "cli/output.h"
#include "json/json.h"
#include "store/leftovers.h"
#include "store/store.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

struct RepoUse {
  uint64_t size_bytes = 0;
  int64_t n_files = 0;
};

uint64_t sum_of(const std::vector<store::Leftover>& leftovers) {
  uint64_t sum_bytes = 0;
  for (const store::Leftover& leftover : leftovers) sum_bytes += leftover.size_bytes;
  return sum_bytes;
}

class Du final : public Command {
 public:
  void declare(Flags& flags) override { flags.add("--json", &json_, "one JSON object"); }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const auto files, models.cache().list());
    std::map<std::string, RepoUse> repos;
    std::set<std::string> blobs;  // each takes its place once, however many links lead to it
    uint64_t total_bytes = 0;
    for (const store::CachedFile& file : files) {
      RepoUse& use = repos[file.repo];
      ++use.n_files;
      if (!blobs.insert(file.blob).second) continue;
      use.size_bytes += file.size_bytes;
      total_bytes += file.size_bytes;
    }
    const uint64_t left_bytes = sum_of(store::find_leftovers(models.options()));
    if (json_) return print_json(repos, total_bytes, left_bytes);
    return print_table(models.cache().dir(), repos, total_bytes, left_bytes);
  }

 private:
  static Status print_json(const std::map<std::string, RepoUse>& repos, uint64_t total_bytes,
                           uint64_t left_bytes) {
    json::Value rows = json::Value::array();
    for (const auto& [repo, use] : repos) {
      rows.push_back({{"repo", repo}, {"size_bytes", use.size_bytes}, {"files", use.n_files}});
    }
    return write_stdout(
        json::dump(
            {{"models", rows}, {"total_bytes", total_bytes}, {"leftover_bytes", left_bytes}}) +
        "\n");
  }

  static Status print_table(const std::string& cache_dir,
                            const std::map<std::string, RepoUse>& repos, uint64_t total_bytes,
                            uint64_t left_bytes) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [repo, use] : repos) {
      rows.push_back({human_bytes(use.size_bytes), std::to_string(use.n_files), repo});
    }
    rows.push_back({human_bytes(total_bytes), "", cache_dir});
    const std::string left = left_bytes == 0 ? ""
                                             : fmt::format("\n{} more are leftovers: samovar gc\n",
                                                           human_bytes(left_bytes));
    return write_stdout(
        table({{"SIZE", Column::Align::kRight}, {"FILES", Column::Align::kRight}, {"REPOSITORY"}},
              rows) +
        left);
  }

  bool json_ = false;
};

class Gc final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--dry-run", &dry_run_, "say what would go, and leave it");
    flags.add("--json", &json_, "a JSON array");
  }

  Status run(const Environment& environment) override {
    const store::StoreOptions options = store_options(environment);
    std::vector<store::Leftover> leftovers;
    if (dry_run_) {
      leftovers = store::find_leftovers(options);
    } else {
      SAMOVAR_ASSIGN(leftovers, store::remove_leftovers(options));
    }
    return json_ ? print_json(leftovers) : print_lines(leftovers);
  }

 private:
  static Status print_json(const std::vector<store::Leftover>& leftovers) {
    json::Value rows = json::Value::array();
    for (const store::Leftover& leftover : leftovers) {
      rows.push_back({{"kind", store::kind_text(leftover.kind)},
                      {"path", leftover.path},
                      {"size_bytes", leftover.size_bytes}});
    }
    return write_stdout(json::dump(rows) + "\n");
  }

  Status print_lines(const std::vector<store::Leftover>& leftovers) const {
    const char* const verb = dry_run_ ? "would remove" : "removed";
    for (const store::Leftover& leftover : leftovers) {
      SAMOVAR_TRY(write_stdout(fmt::format("{} {} ({}, {})\n", verb, leftover.path,
                                           store::kind_text(leftover.kind),
                                           human_bytes(leftover.size_bytes))));
    }
    const std::string sum = human_bytes(sum_of(leftovers));
    return write_stdout(dry_run_ ? fmt::format("{} would be free again\n", sum)
                                 : fmt::format("{} are free again\n", sum));
  }

  bool dry_run_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_du() {
  return std::make_unique<Du>();
}
std::unique_ptr<Command> make_gc() {
  return std::make_unique<Gc>();
}

}  // namespace samovar::cli
