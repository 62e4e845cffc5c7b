// FakeMachine: a machine for tests, of files in a folder and a recorder that plays the commands'
// parts.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/machine.h"
#include "sys/test_tree.h"

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace samovar::host {

class FakeMachine {
 public:
  FakeMachine() {
    tree_.write("/proc/meminfo", "MemTotal:        8000000 kB\n");
    tree_.write("/proc/sys/kernel/hostname", "tablet\n");
    tree_.write("/proc/sys/net/ipv4/ip_forward", "0\n");
    tree_.write("/proc/swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1024 0 -2\n");
    tree_.write("/etc/hosts", "127.0.0.1 localhost\n");
    tree_.write("/etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n/dev/sda2\tnone\tswap\tsw 0 0\n");
    std::filesystem::create_directories(tree_.path() + "/etc/systemd/system");
    std::filesystem::create_directories(tree_.path() + "/sys");
    std::filesystem::create_directories(tree_.path() + "/run");
    std::filesystem::create_directories(tree_.path() + "/var/lib");
  }

  Machine machine() {
    return {tree_.path(), [this](const Arguments& arguments) { return run(arguments); }};
  }
  const sys::TestTree& tree() const { return tree_; }
  const std::vector<std::string>& commands() const { return commands_; }
  // Commands that begin so do this besides, and print what it returns.
  using Part = std::function<std::string(const std::string& line)>;
  void play(std::string prefix, Part part) {
    parts_.emplace_back(std::move(prefix), std::move(part));
  }
  // The next command that begins so fails.
  void fail_on(std::string prefix) { failing_ = std::move(prefix); }
  // Every file below the root with its text, but for /proc and /sys.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(tree_.path())) {
      const std::string name = entry.path().string().substr(tree_.path().size());
      if (name.starts_with("/proc/") || name.starts_with("/sys/")) continue;
      all[name] = entry.is_regular_file() ? *sys::read_file(entry.path(), 1 << 20) : "(folder)";
    }
    return all;
  }

 private:
  Result<std::string> run(const Arguments& arguments) {
    const std::string line = command_line(arguments);
    commands_.push_back(line);
    if (!failing_.empty() && line.starts_with(failing_)) {
      failing_.clear();
      return internal_error(line + ": no luck");
    }
    play_host(line);
    std::string output;
    for (const auto& [prefix, part] : parts_) {
      if (line.starts_with(prefix)) output = part(line);
    }
    return output;
  }

  void play_host(const std::string& line) {
    const std::string swaps = "Filename Type Size Used Priority\n";
    if (line == "modprobe zram") tree_.write("/sys/class/zram-control/hot_add", "1\n");
    if (line == "modprobe zram") tree_.write("/sys/block/zram1/comp_algorithm", "x");
    if (line == "modprobe zram") tree_.write("/sys/block/zram1/disksize", "x");
    if (line == "modprobe -r zram")
      std::filesystem::remove_all(tree_.path() + "/sys/class/zram-control");
    if (line == "modprobe br_netfilter") {
      tree_.write("/proc/sys/net/bridge/bridge-nf-call-iptables", "0\n");
      tree_.write("/proc/sys/net/bridge/bridge-nf-call-ip6tables", "0\n");
    }
    if (line == "modprobe -r br_netfilter")
      std::filesystem::remove_all(tree_.path() + "/proc/sys/net/bridge");
    if (line == "swapoff /dev/sda2") tree_.write("/proc/swaps", swaps);
    if (line == "swapon /dev/sda2") {
      tree_.write("/proc/swaps", swaps + "/dev/sda2 partition 1024 0 -2\n");
    }
    if (line.starts_with("systemctl mask "))
      tree_.write("/etc/systemd/system/" + line.substr(15), "");
    if (line.starts_with("systemctl unmask ")) {
      std::filesystem::remove(tree_.path() + "/etc/systemd/system/" + line.substr(17));
    }
    if (line.starts_with("systemctl ")) play_systemd(line.substr(10));
  }

  void play_systemd(const std::string& line) {
    const std::string unit = line.substr(line.rfind(' ') + 1);
    if (line.starts_with("enable ")) tree_.write(enabled(unit), "");
    // systemd leaves no empty folder either
    if (line.starts_with("disable ")) remove_with_folder(enabled(unit));
    if (line == "restart samovar-zram.service") tree_.write("/run/samovar/zram", "1\n");
    if (line == "stop samovar-zram.service") remove_with_folder("/run/samovar/zram");
    if (line == "restart samovar.service") tree_.write("/run/samovar-server/a", "");
    if (line == "stop samovar.service") remove_with_folder("/run/samovar-server/a");
  }

  void remove_with_folder(const std::string& path) {
    const std::string file = tree_.path() + path;
    std::error_code is_fine;
    std::filesystem::remove(file, is_fine);
    std::filesystem::remove(file.substr(0, file.rfind('/')), is_fine);
  }

  static std::string enabled(const std::string& unit) {
    const std::string target = unit.ends_with(".socket") ? "sockets" : "multi-user";
    return "/etc/systemd/system/" + target + ".target.wants/" + unit;
  }

  // In memory where that is to be had: these tests wait for the disk thousands of times.
  static std::filesystem::path folder() {
    std::error_code none;
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::is_directory(memory, none) ? memory
                                                       : std::filesystem::temp_directory_path();
  }

  sys::TestTree tree_{folder()};
  std::vector<std::string> commands_;
  std::vector<std::pair<std::string, Part>> parts_;
  std::string failing_;
};

using Files = std::map<std::string, std::string>;

// The names of files that are not in both or not the same.
inline std::string difference(const Files& before, const Files& after) {
  std::string names;
  for (const auto& [name, text] : before) {
    const auto found = after.find(name);
    if (found == after.end() || found->second != text) names += "-" + name + " ";
  }
  for (const auto& [name, text] : after) {
    if (!before.contains(name)) names += "+" + name + " ";
  }
  return names;
}

}  // namespace samovar::host
