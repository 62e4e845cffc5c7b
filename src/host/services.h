// Services: the files by which systemd and OpenRC start us, and the commands that enable them.
//
// Formats: systemd.service(5), openrc-run(8). Pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "host/change.h"
#include "host/host_facts.h"

#include <string>
#include <vector>

namespace samovar::host {

// Where a server of ours keeps its models.
inline constexpr char kServiceCache[] = "/var/cache/samovar";
// The folder that is left of it after the service; empty: none. (systemd keeps what a user of its
// own making has below /var/cache/private.)
std::string models_of_service(const Machine& machine);

struct Service {
  std::string name;         // "samovar-zram"
  std::string description;  // one line
  Arguments start;          // the program by its absolute path
  // Empty: `start` is a server, which a signal ends; else both come to an end by themselves.
  Arguments stop = {};
  // A path that is there while it works. Empty: the one that the service manager keeps for a
  // server.
  std::string evidence = {};
};

// Makes, enables and starts `service`; starts it again where its command has changed.
// kInvalidArgument for arguments that such a file can't hold. REQUIRES: a service manager.
Result<std::vector<ChangePointer>> service_changes(const Service& service, ServiceManager manager);

// What restarts the machine.
Arguments reboot_command(ServiceManager manager);

// Starts the service `name` that is there, now and at the machine's start. `evidence`: a path that
// is there while it runs. REQUIRES: a service manager.
std::vector<ChangePointer> enable_changes(const std::string& name, const std::string& evidence,
                                          ServiceManager manager);

}  // namespace samovar::host
