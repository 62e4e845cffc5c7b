// LineChange: one line more at the end of a text file that others write too.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::host {
namespace {

class LineChange final : public Change {
 public:
  LineChange(std::string path, std::string line) : path_(std::move(path)), line_(std::move(line)) {}

  std::string name() const override { return fmt::format("'{}' in {}", line_, path_); }
  std::string describe() const override {
    return fmt::format("append to {}:\n    {}\n", path_, line_);
  }

  Result<bool> holds(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto text, machine.read(path_));
    return text && find(*text) != std::string::npos;
  }

  Result<json::Value> before(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto text, machine.read(path_));
    return json::Value{{"existed", text.has_value()},
                       {"ended_with_newline", !text || text->empty() || text->ends_with('\n')}};
  }

  Status apply(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto text, machine.read(path_));
    std::string longer = text.value_or("");
    if (!longer.empty() && !longer.ends_with('\n')) longer += '\n';
    return machine.write(path_, longer + line_ + "\n");
  }

  // Takes out our line alone, whatever else has come into the file.
  Status undo(const Machine& machine, const json::Value& before) const override {
    SAMOVAR_ASSIGN(auto text, machine.read(path_));
    const size_t at = text ? find(*text) : std::string::npos;
    if (at == std::string::npos) return {};
    const bool was_last = at + line_.size() + 1 == text->size();
    text->erase(at, line_.size() + 1);
    if (was_last && !text->empty() && !before.at("ended_with_newline").get<bool>()) {
      text->pop_back();
    }
    if (text->empty() && !before.at("existed").get<bool>()) return machine.remove(path_);
    return machine.write(path_, *text);
  }

  json::Value to_json() const override {
    return {{"kind", "line"}, {"path", path_}, {"line", line_}};
  }

 private:
  // Where the last such line begins; it ends with a newline.
  size_t find(std::string_view text) const {
    const std::string line = line_ + "\n";
    for (size_t at = text.rfind(line); at != text.npos; at = text.rfind(line, at - 1)) {
      if (at == 0 || text[at - 1] == '\n') return at;
    }
    return text.npos;
  }

  std::string path_;
  std::string line_;
};

}  // namespace

ChangePointer make_line_change(std::string path, std::string line) {
  return std::make_unique<LineChange>(std::move(path), std::move(line));
}

}  // namespace samovar::host
