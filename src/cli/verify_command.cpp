// samovar verify: are the models that are here what they were when they came?
#include "base/clock.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pull_progress.h"
#include "json/json.h"
#include "store/blob_hash.h"
#include "store/store.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

struct Verdict {
  std::string name;
  const store::CachedFile* file;
  std::string found;     // SHA-256; empty: it was not looked at
  std::string expected;  // empty: not known

  bool is_wrong() const { return !expected.empty() && found != expected; }
  const char* word() const { return expected.empty() ? "unknown" : is_wrong() ? "wrong" : "ok"; }
};

class Verify final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &names_, "the models; all that are here if none");
    flags.add("--json", &json_, "one JSON object a line");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const auto files, chosen(models));
    std::set<std::string> seen;
    size_t n_wrong = 0;
    for (const store::CachedFile& file : files) {
      if (!seen.insert(file.blob).second) continue;
      SAMOVAR_ASSIGN(const Verdict verdict, judge(models, file));
      n_wrong += verdict.is_wrong() ? 1 : 0;
      SAMOVAR_TRY(write_stdout(json_ ? to_json(verdict) : to_text(verdict)));
    }
    if (n_wrong == 0) return {};
    return corrupt(
        fmt::format("{} of {} files are not what they should be: samovar rm and pull them", n_wrong,
                    seen.size()));
  }

 private:
  Result<std::vector<store::CachedFile>> chosen(const store::Store& models) const {
    if (names_.empty()) return models.cache().list();
    std::vector<store::CachedFile> all;
    for (const std::string& name : names_) {
      SAMOVAR_ASSIGN(const auto files, models.present(name));
      all.insert(all.end(), files.begin(), files.end());
    }
    return all;
  }

  static Result<Verdict> judge(const store::Store& models, const store::CachedFile& file) {
    Verdict verdict{models.display_name(file), &file, "", ""};
    if (const auto expected = models.expected_digest(file)) verdict.expected = expected->hex();
    const Status hashed = with_progress([&](const store::ProgressSink& progress) -> Status {
      store::Meter meter(progress, system_clock());
      SAMOVAR_TRY(meter.begin(store::Phase::kVerify, file.file, file.size_bytes));
      SAMOVAR_ASSIGN(const store::Digest found, store::hash_file(file.blob, meter));
      verdict.found = found.hex();
      return {};
    });
    SAMOVAR_TRY(hashed);
    return verdict;
  }

  static std::string to_json(const Verdict& verdict) {
    return json::dump({{"name", verdict.name},
                       {"path", verdict.file->path},
                       {"result", verdict.word()},
                       {"sha256", verdict.found},
                       {"expected", verdict.expected}}) +
           "\n";
  }

  static std::string to_text(const Verdict& verdict) {
    std::string text = fmt::format("{:<8} {}", verdict.word(), verdict.name);
    if (verdict.is_wrong()) {
      text += fmt::format(": {} has SHA-256 {}, {} is expected", verdict.file->path, verdict.found,
                          verdict.expected);
    }
    if (verdict.expected.empty()) {
      text += fmt::format(": nobody told what it should be; it has SHA-256 {}", verdict.found);
    }
    return text + "\n";
  }

  std::vector<std::string> names_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_verify() {
  return std::make_unique<Verify>();
}

}  // namespace samovar::cli
