#include "host/services.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::host {
namespace {

// Neither format agrees with the other on quotes, so nothing that needs them is taken.
Status check_arguments(const Arguments& arguments) {
  for (const std::string& argument : arguments) {
    if (command_line({argument}) == argument && argument.find('%') == std::string::npos) continue;
    return invalid_argument(fmt::format(
        "'{}': a service's command takes letters, digits and -_./:=@+, only", argument));
  }
  return {};
}

std::string systemd_unit(const Service& service) {
  const std::string start = command_line(service.start);
  const std::string how =
      service.stop.empty()
          // Keeps its models in /var/cache/samovar, as a user of its own; 30 s for running answers.
          ? fmt::format(
                "ExecStart={}\nDynamicUser=yes\nCacheDirectory=samovar\n"
                "Environment=HF_HOME=/var/cache/samovar\nProtectSystem=strict\n"
                "PrivateTmp=yes\nNoNewPrivileges=yes\nRestart=on-failure\nTimeoutStopSec=40\n",
                start)
          : fmt::format("Type=oneshot\nRemainAfterExit=yes\nExecStart={}\nExecStop={}\n", start,
                        command_line(service.stop));
  return fmt::format(
      "[Unit]\nDescription={}\nAfter={}\n\n[Service]\n{}\n[Install]\nWantedBy=multi-user.target\n",
      service.description, service.stop.empty() ? "network.target" : "systemd-modules-load.service",
      how);
}

std::string openrc_script(const Service& service) {
  const std::string head =
      fmt::format("#!/sbin/openrc-run\ndescription=\"{}\"\n", service.description);
  if (!service.stop.empty()) {
    return head + fmt::format(
                      "depend() {{\n  after modules\n}}\nstart() {{\n  {}\n}}\nstop() {{\n"
                      "  {}\n}}\n",
                      command_line(service.start), command_line(service.stop));
  }
  const Arguments arguments(service.start.begin() + 1, service.start.end());
  return head + fmt::format(
                    "supervisor=supervise-daemon\ncommand={}\ncommand_args=\"{}\"\n"
                    "retry=\"TERM/40/KILL/5\"\ndepend() {{\n  need net\n}}\n",
                    service.start.front(), command_line(arguments));
}

}  // namespace

Result<std::vector<ChangePointer>> service_changes(const Service& service, ServiceManager manager) {
  SAMOVAR_CHECK(manager != ServiceManager::kNone);
  SAMOVAR_TRY(check_arguments(service.start));
  SAMOVAR_TRY(check_arguments(service.stop));
  std::vector<ChangePointer> changes;
  if (manager == ServiceManager::kSystemd) {
    changes.push_back(make_file_change({"/etc/systemd/system/" + service.name + ".service",
                                        systemd_unit(service),
                                        false,
                                        {"systemctl", "daemon-reload"}}));
  } else {
    changes.push_back(
        make_file_change({"/etc/init.d/" + service.name, openrc_script(service), true}));
  }
  append(changes, enable_changes(service.name, manager));
  return changes;
}

std::vector<ChangePointer> enable_changes(const std::string& name, ServiceManager manager) {
  std::vector<ChangePointer> changes;
  if (manager == ServiceManager::kSystemd) {
    const std::string unit = name + ".service";
    changes.push_back(make_command_change({"systemctl", "enable", "--now", unit},
                                          {"systemctl", "disable", "--now", unit},
                                          "/etc/systemd/system/multi-user.target.wants/" + unit));
    return changes;
  }
  changes.push_back(make_command_change({"rc-update", "add", name, "default"},
                                        {"rc-update", "del", name, "default"},
                                        "/etc/runlevels/default/" + name));
  changes.push_back(make_command_change({"rc-service", name, "start"}, {"rc-service", name, "stop"},
                                        "/run/openrc/started/" + name));
  return changes;
}

}  // namespace samovar::host
