// samovar doctor: what to change on this machine so that models run well.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "engine/kernel_proof.h"
#include "gguf/file.h"
#include "gguf/split_name.h"
#include "host/doctor.h"
#include "json/json.h"
#include "kernels/select.h"
#include "store/store.h"
#include "sys/cpu.h"
#include "sys/mapped_file.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

using host::Finding;
using host::Grade;

std::vector<Finding> prove_levels() {
  std::vector<Finding> findings;
  const kernels::KernelTable scalar = kernels::select(sys::Isa::kScalar);
  for (const sys::Isa isa : {sys::Isa::kAvx2, sys::Isa::kAvx512, sys::Isa::kVnni}) {
    if (isa > sys::detect_isa()) continue;
    const std::string subject = fmt::format("kernels of {}", sys::isa_name(isa));
    const Status proof = engine::prove_kernels(kernels::select(isa), scalar);
    if (proof.ok()) {
      findings.push_back({subject, Grade::kGood, "same bits as scalar code", ""});
    } else {
      findings.push_back({subject, Grade::kWrong, std::string(proof.message()),
                          "set SAMOVAR_ISA to the level below, and report it"});
    }
  }
  return findings;
}

class Doctor final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &model_, "look at this model's file, too");
    flags.add("--json", &json_, "one JSON object");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    std::vector<Finding> findings = host::examine_machine();
    const auto add = [&](std::vector<Finding> more) {
      std::move(more.begin(), more.end(), std::back_inserter(findings));
    };
    add(prove_levels());
    SAMOVAR_ASSIGN(const std::vector<std::string> paths, model_files(models));
    std::vector<Examined> files;
    for (const std::string& path : paths) files.push_back(examine(path));
    add(host::examine_disk(models.cache().dir(), largest(files)));
    for (Examined& file : files) findings.push_back(std::move(file.page_cache));
    return tell(findings);
  }

 private:
  // The model that was named, else all of the store; of a split one the first part.
  Result<std::vector<std::string>> model_files(const store::Store& models) const {
    std::vector<std::string> paths;
    if (!model_.empty()) {
      SAMOVAR_ASSIGN(paths.emplace_back(), models.resolve(model_));
      return paths;
    }
    SAMOVAR_ASSIGN(const auto cached, models.cache().list());
    for (const store::CachedFile& file : cached) {
      const auto split = gguf::SplitName::parse(file.path);
      if (!split || split->part == 1) paths.push_back(file.path);
    }
    return paths;
  }

  // A model's file, all parts of it.
  struct Examined {
    std::string path;
    uint64_t size_bytes = 0;  // 0: it cannot be read
    Finding page_cache;
  };

  static Examined examine(const std::string& path) {
    const std::string name = std::filesystem::path(path).filename().string();
    const auto file = gguf::File::open(path, gguf::Scope::kMetadata);
    if (!file.ok()) {
      return {path,
              0,
              {fmt::format("file {}", name), Grade::kWrong, std::string(file.status().message()),
               "remove it (samovar rm) and pull it again"}};
    }
    uint64_t resident_bytes = 0;
    for (const auto& mapping : file->mappings()) resident_bytes += mapping->resident_bytes();
    return {path, file->size_bytes(),
            host::examine_page_cache(name, file->size_bytes(), resident_bytes)};
  }

  static std::string largest(const std::vector<Examined>& files) {
    const auto found = std::ranges::max_element(files, {}, &Examined::size_bytes);
    return found == files.end() ? "" : found->path;
  }

  Status tell(const std::vector<Finding>& findings) const {
    const auto n_wrong =
        std::count_if(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.grade == Grade::kWrong; });
    SAMOVAR_TRY(write_stdout(json_ ? to_json(findings, n_wrong == 0) : to_text(findings)));
    if (n_wrong == 0) return {};
    return internal_error(fmt::format("wrong on this machine: {}", n_wrong));
  }

  static std::string to_json(const std::vector<Finding>& findings, bool healthy) {
    json::Value list = json::Value::array();
    for (const Finding& finding : findings) {
      list.push_back({{"subject", finding.subject},
                      {"grade", host::grade_name(finding.grade)},
                      {"found", finding.found},
                      {"advice", finding.advice}});
    }
    return json::dump({{"healthy", healthy}, {"findings", std::move(list)}}) + "\n";
  }

  static std::string to_text(const std::vector<Finding>& findings) {
    std::vector<std::vector<std::string>> rows;
    for (const Finding& finding : findings) {
      rows.push_back({finding.subject, std::string(host::grade_name(finding.grade)),
                      finding.advice.empty()
                          ? finding.found
                          : fmt::format("{}: {}", finding.found, finding.advice)});
    }
    return table({{"WHAT"}, {"GRADE"}, {"FOUND"}}, rows);
  }

  std::string model_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_doctor() {
  return std::make_unique<Doctor>();
}

}  // namespace samovar::cli
