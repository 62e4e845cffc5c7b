// CommandChange: a command with an opposite, and the path that shows which of them came last.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "json/json.h"

namespace samovar::host {
namespace {

class CommandChange final : public Change {
 public:
  CommandChange(Arguments apply, Arguments undo, std::string evidence)
      : apply_(std::move(apply)), undo_(std::move(undo)), evidence_(std::move(evidence)) {}

  std::string name() const override { return command_line(apply_); }
  std::string describe() const override { return command_line(apply_) + "\n"; }

  Result<bool> holds(const Machine& machine) const override { return machine.exists(evidence_); }

  Result<json::Value> before(const Machine& machine) const override {
    return json::Value{{"held", machine.exists(evidence_)}};
  }

  Status apply(const Machine& machine) const override { return machine.run(apply_).status(); }

  Status undo(const Machine& machine, const json::Value& before) const override {
    if (before.at("held").get<bool>() || !machine.exists(evidence_)) return {};
    return machine.run(undo_).status();
  }

  json::Value to_json() const override {
    return {{"kind", "command"}, {"apply", apply_}, {"undo", undo_}, {"evidence", evidence_}};
  }

 private:
  Arguments apply_;
  Arguments undo_;
  std::string evidence_;
};

}  // namespace

ChangePointer make_command_change(Arguments apply, Arguments undo, std::string evidence) {
  return std::make_unique<CommandChange>(std::move(apply), std::move(undo), std::move(evidence));
}

}  // namespace samovar::host
