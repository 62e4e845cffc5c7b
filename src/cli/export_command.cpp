// samovar export, import: models as one file, for machines without a network.
#include "base/clock.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pull_progress.h"
#include "store/model_archive.h"
#include "store/store.h"
#include "sys/file.h"

#include <string>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class Export final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &names_, "the models");
    flags.add("-o,--output", &output_, "the file to write ('-': stdout)");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    std::vector<store::CachedFile> files;
    for (const std::string& name : names_) {
      SAMOVAR_ASSIGN(const auto own, models.present(name));
      files.insert(files.end(), own.begin(), own.end());
    }
    if (output_ != "-") return to_file(models.cache(), files);
    if (isatty(STDOUT_FILENO) == 1) {
      return invalid_argument("an archive is nothing for a terminal: name a file with --output");
    }
    return write(models.cache(), files, [](std::span<const std::byte> bytes) {
      return write_stdout({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    });
  }

 private:
  static Status write(const store::Cache& cache, const std::vector<store::CachedFile>& files,
                      const store::ByteSink& sink) {
    return with_progress([&](const store::ProgressSink& progress) {
      store::Meter meter(progress, system_clock());
      return store::write_models(cache, files, meter, sink);
    });
  }

  // Whole or not at all.
  Status to_file(const store::Cache& cache, const std::vector<store::CachedFile>& files) const {
    const std::string partial = fmt::format("{}.tmp-{}", output_, getpid());
    SAMOVAR_ASSIGN(auto file, sys::AtomicFile::open(partial, output_));
    SAMOVAR_TRY(file.truncate(0));
    SAMOVAR_TRY(
        write(cache, files, [&](std::span<const std::byte> bytes) { return file.append(bytes); }));
    const uint64_t size_bytes = file.size_bytes();
    SAMOVAR_TRY(file.commit());
    return write_stdout(fmt::format("{}: {}\n", output_, human_bytes(size_bytes)));
  }

  std::vector<std::string> names_;
  std::string output_ = "-";
};

class Import final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("file", &file_, "a file that `samovar export` has written ('-': stdin)");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    std::vector<std::string> paths;
    SAMOVAR_TRY(with_progress([&](const store::ProgressSink& progress) -> Status {
      store::Meter meter(progress, system_clock());
      SAMOVAR_ASSIGN(paths, store::read_models(models.cache(), file_, meter));
      return {};
    }));
    for (const std::string& path : paths) SAMOVAR_TRY(write_stdout(path + "\n"));
    return {};
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<Command> make_export() {
  return std::make_unique<Export>();
}
std::unique_ptr<Command> make_import() {
  return std::make_unique<Import>();
}

}  // namespace samovar::cli
