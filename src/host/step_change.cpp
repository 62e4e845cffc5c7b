// StepChange: commands whose effect no file of this machine shows, so that a mark is kept of them.
//
// The mark is "begun" before the first command and the step's version after the last one: a step
// that stopped half-way is done again, and taken back though it never finished.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr char kPauseSeconds[] = "3";

class StepChange final : public Change {
 public:
  explicit StepChange(Step step) : step_(std::move(step)) {}

  std::string name() const override { return step_.name; }

  std::string describe() const override {
    std::string lines;
    for (const Arguments& command : step_.apply) lines += command_line(command) + "\n";
    return lines;
  }

  Result<bool> holds(const Machine& machine) const override {
    if (step_.when == Step::When::kAlways) return false;
    if (!step_.evidence.empty() && !machine.exists(step_.evidence)) return false;
    SAMOVAR_ASSIGN(const auto mark, machine.read(step_mark(step_.name)));
    return mark == step_.version + "\n";
  }

  // Where there is a mark already, an earlier entry of the journal knows the way back.
  Result<json::Value> before(const Machine& machine) const override {
    return json::Value{{"begun", machine.exists(step_mark(step_.name))}};
  }

  Status apply(const Machine& machine) const override {
    SAMOVAR_TRY(machine.replace(step_mark(step_.name), kStepBegun));
    for (const Arguments& command : step_.apply) SAMOVAR_TRY(run_patiently(machine, command));
    return machine.replace(step_mark(step_.name), step_.version + "\n");
  }

  Status undo(const Machine& machine, const json::Value& before) const override {
    if (before.at("begun").get<bool>()) return {};
    if (step_.undo_needs.empty() || machine.exists(step_.undo_needs)) {
      for (const Arguments& command : step_.undo) SAMOVAR_TRY(machine.run(command).status());
    }
    return remove_mark(machine);
  }

  Status forget(const Machine& machine, const json::Value& before) const override {
    return before.at("begun").get<bool>() ? Status() : remove_mark(machine);
  }

  json::Value to_json() const override {
    return {{"kind", "step"},
            {"name", step_.name},
            {"apply", step_.apply},
            {"undo", step_.undo},
            {"undo_needs", step_.undo_needs},
            {"version", step_.version},
            {"evidence", step_.evidence},
            {"when", step_.when == Step::When::kAlways ? "always" : "once"},
            {"tries", step_.tries}};
  }

 private:
  Status remove_mark(const Machine& machine) const {
    SAMOVAR_TRY(machine.remove(step_mark(step_.name)));
    machine.remove(kStepMarks).ignore("other steps have marks there");
    return {};
  }

  Status run_patiently(const Machine& machine, const Arguments& command) const {
    for (int64_t left = step_.tries - 1;; --left) {
      const Status status = machine.run(command).status();
      if (status.ok() || status.code() == Code::kNotFound || left <= 0) return status;
      SAMOVAR_TRY(machine.run({"sleep", kPauseSeconds}).status());
    }
  }

  Step step_;
};

}  // namespace

std::string step_mark(const std::string& name) {
  return fmt::format("{}/{}", kStepMarks, name);
}

ChangePointer make_step_change(Step step) {
  return std::make_unique<StepChange>(std::move(step));
}

}  // namespace samovar::host
