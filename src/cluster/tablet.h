// Tablet: the how-to's machine for tests: systemd, docker and cri-o on, no containerd, no k0s; and
// the parts that the commands play.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cluster/facts.h"
#include "cluster/kubectl.h"
#include "cluster/strangers.h"
#include "cluster/up.h"
#include "cluster/wishes.h"
#include "host/fake_machine.h"
#include "host/journal.h"

#include <filesystem>
#include <string>

#include <doctest/doctest.h>

namespace samovar::cluster {

class Tablet : public host::FakeMachine {
 public:
  Tablet() {
    std::filesystem::create_directories(path("/run/systemd/system"));
    for (const char* file :
         {"/usr/bin/apt-get", "/usr/bin/crio", "/usr/bin/curl", "/usr/bin/docker"}) {
      tree().write(file, "");
    }
    for (const char* unit :
         {"multi-user.target.wants/crio.service", "sockets.target.wants/docker.socket",
          "multi-user.target.wants/docker.service"}) {
      tree().write(std::string("/etc/systemd/system/") + unit, "");
    }
    makes("apt-get install", "/usr/bin/containerd");
    removes("dpkg --purge", "/usr/bin/containerd");
    makes("mkdir -p /opt/cni/bin", "/opt/cni/bin/bridge");
    removes("rm -rf /opt/cni", "/opt/cni");
    makes("systemctl start containerd.service", "/run/containerd/containerd.sock");
    removes("systemctl stop containerd.service", "/run/containerd/containerd.sock");
    makes("curl -sSLf -o /usr/local/bin/k0s", "/usr/local/bin/k0s");
    removes("rm -f /usr/local/bin/k0s", "/usr/local/bin/k0s");
    makes("/usr/local/bin/k0s install", "/etc/systemd/system/k0scontroller.service");
    removes("/usr/local/bin/k0s reset", "/etc/systemd/system/k0scontroller.service");
    makes("/usr/local/bin/k0s start", "/run/k0s/status.sock");
    removes("/usr/local/bin/k0s stop", "/run/k0s/status.sock");
    makes("tar -xzf", kFetched + std::string("/manifests/setup/namespace.yaml"));
    play(std::string("rm -rf ") + kFetched, [this](const std::string&) {
      std::filesystem::remove_all(path(kFetched));
      return std::string();
    });
    play("/usr/local/bin/samovar cluster image", [this](const std::string&) {
      CHECK(std::filesystem::exists(path(kFolder)));  // which it does not make
      tree().write(kImage, "");
      return std::string();
    });
    play("rm -f /var/lib/samovar-host", [this](const std::string&) {
      std::filesystem::remove(path(kImage));
      return std::string();
    });
    makes("env HF_HUB_CACHE=/var/lib/samovar/models", "/var/lib/samovar/models/model");
  }

  static ClusterWishes wishes() {
    ClusterWishes wishes;
    wishes.program = "/usr/local/bin/samovar";
    wishes.image = "localhost/samovar:0.1.0";
    wishes.models = "/var/lib/samovar/models";
    return wishes;
  }

  Status up(const ClusterWishes& wishes) {
    const host::Machine machine = this->machine();
    SAMOVAR_ASSIGN(const ClusterFacts facts, read_cluster_facts(machine));
    SAMOVAR_ASSIGN(const auto changes, up_changes(facts, wishes));
    SAMOVAR_TRY(refuse_second_cluster(machine, facts, wishes));
    SAMOVAR_TRY(refuse_strangers(machine, facts, wishes));
    SAMOVAR_ASSIGN(host::Journal journal,
                   host::Journal::open(machine, host::Journal::kClusterPath));
    for (const auto& change : changes) SAMOVAR_TRY(journal.apply(*change).status());
    return {};
  }

  Status down() {
    const host::Machine machine = this->machine();
    SAMOVAR_ASSIGN(host::Journal journal,
                   host::Journal::open(machine, host::Journal::kClusterPath));
    for (size_t i = journal.size(); i-- > 0;) SAMOVAR_TRY(journal.undo(i));
    return {};
  }

  // The commands since `from`, but for pauses.
  std::vector<std::string> commands_since(size_t from) const {
    std::vector<std::string> since;
    for (size_t i = from; i < commands().size(); ++i) {
      if (!commands()[i].starts_with("sleep ")) since.push_back(commands()[i]);
    }
    return since;
  }

 private:
  static constexpr char kImage[] = "/var/lib/samovar-host/cluster/image.tar";
  static constexpr char kFetched[] = "/var/lib/samovar-host/cluster/monitoring/kube-prometheus";

  std::string path(const std::string& name) const { return tree().path() + name; }
  void makes(const std::string& command, const std::string& file) {
    play(command, [this, file](const std::string&) {
      tree().write(file, "");
      return std::string();
    });
  }
  void removes(const std::string& command, const std::string& file) {
    play(command, [this, file](const std::string&) {
      std::filesystem::path gone = path(file);
      std::filesystem::remove_all(gone);
      // Folders that the command had made.
      for (gone = gone.parent_path(); gone != path("") && std::filesystem::is_empty(gone);
           gone = gone.parent_path()) {
        std::filesystem::remove(gone);
      }
      return std::string();
    });
  }
};

}  // namespace samovar::cluster
