// FileChange: a file with exactly this text.
// SPDX-License-Identifier: Apache-2.0
#include "host/change.h"
#include "json/json.h"

#include <optional>

#include <fmt/format.h>

namespace samovar::host {
namespace {

std::string indented(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    out += fmt::format("    {}\n", text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

class FileChange final : public Change {
 public:
  explicit FileChange(FileText file) : file_(std::move(file)) {}

  std::string name() const override { return file_.path; }
  std::string describe() const override {
    return fmt::format("write {}:\n{}", file_.path, indented(file_.text)) +
           (file_.after.empty() ? "" : command_line(file_.after) + "\n");
  }

  Result<bool> holds(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto text, machine.read(file_.path));
    return text == file_.text;
  }

  Result<json::Value> before(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto text, machine.read(file_.path));
    json::Value folders = json::Value::array();
    for (std::string folder = parent(file_.path); !machine.exists(folder);
         folder = parent(folder)) {
      folders.push_back(folder);
    }
    return json::Value{{"text", text ? json::Value(*text) : json::Value()}, {"made", folders}};
  }

  // A file whose command fails does not stay: it would look as if all were done.
  Status apply(const Machine& machine) const override {
    SAMOVAR_ASSIGN(const auto old, machine.read(file_.path));
    SAMOVAR_TRY(machine.write(file_.path, file_.text));
    if (file_.executable) SAMOVAR_TRY(machine.make_executable(file_.path));
    const Status status = run_after(machine);
    if (!status.ok()) put_back(machine, old).ignore("the first error is the one to tell");
    return status;
  }

  Status undo(const Machine& machine, const json::Value& before) const override {
    SAMOVAR_ASSIGN(const auto text, machine.read(file_.path));
    const json::Value& old = before.at("text");
    const bool is_old = text ? old == *text : old.is_null();
    if (is_old) return {};
    if (text && *text != file_.text) {
      return busy(
          fmt::format("{}: somebody has changed it since; it is left as it is: delete it and run "
                      "this again to have back what was there before",
                      file_.path));
    }
    SAMOVAR_TRY(
        put_back(machine, old.is_string() ? std::optional(old.get<std::string>()) : std::nullopt));
    for (const json::Value& folder : before.at("made")) {
      machine.remove(folder.get<std::string>()).ignore("others may have put files there");
    }
    return run_after(machine);
  }

  json::Value to_json() const override {
    return {{"kind", "file"},
            {"path", file_.path},
            {"text", file_.text},
            {"executable", file_.executable},
            {"after", file_.after}};
  }

 private:
  static std::string parent(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 || slash == path.npos ? "/" : path.substr(0, slash);
  }

  Status put_back(const Machine& machine, const std::optional<std::string>& old) const {
    return old ? machine.write(file_.path, *old) : machine.remove(file_.path);
  }

  Status run_after(const Machine& machine) const {
    return file_.after.empty() ? Status() : machine.run(file_.after).status();
  }

  FileText file_;
};

}  // namespace

ChangePointer make_file_change(FileText file) {
  return std::make_unique<FileChange>(std::move(file));
}

}  // namespace samovar::host
