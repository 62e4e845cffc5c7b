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

struct Service {
  std::string name;         // "samovar-zram"
  std::string description;  // one line
  Arguments start;          // the program by its absolute path
  // Empty: `start` is a server, which a signal ends; else both come to an end by themselves.
  Arguments stop = {};
};

// Makes, enables and starts `service`. kInvalidArgument for arguments that such a file can't hold.
// REQUIRES: a service manager.
Result<std::vector<ChangePointer>> service_changes(const Service& service, ServiceManager manager);

// Starts the service `name` that is there, now and at the machine's start. REQUIRES: a service
// manager.
std::vector<ChangePointer> enable_changes(const std::string& name, ServiceManager manager);

}  // namespace samovar::host
