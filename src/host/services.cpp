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

std::string runtime_folder(const Service& service) {
  return service.name + "-server";
}

// A path that is there while the service works.
std::string evidence_of(const Service& service, ServiceManager manager) {
  if (!service.evidence.empty()) return service.evidence;
  return manager == ServiceManager::kSystemd ? "/run/" + runtime_folder(service)
                                             : "/run/openrc/started/" + service.name;
}

std::string systemd_unit(const Service& service) {
  const std::string start = command_line(service.start);
  if (!service.stop.empty()) {
    return fmt::format(
        "[Unit]\nDescription={}\nAfter=systemd-modules-load.service\n\n"
        "[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart={}\nExecStop={}\n\n"
        "[Install]\nWantedBy=multi-user.target\n",
        service.description, start, command_line(service.stop));
  }
  // Keeps its models in kServiceCache, as a user of its own; 30 s for running answers. It goes on
  // trying: the network that it pulls its model from may come late. RuntimeDirectory is there as
  // long as it runs.
  return fmt::format(
      "[Unit]\nDescription={}\nWants=network-online.target\nAfter=network-online.target\n\n"
      "[Service]\nType=exec\nExecStart={}\nDynamicUser=yes\nCacheDirectory=samovar\n"
      "RuntimeDirectory={}\nEnvironment=HF_HOME={} "
      "XDG_STATE_HOME={}\nProtectSystem=strict\nPrivateTmp=yes\nNoNewPrivileges=yes\n"
      "Restart=on-failure\nRestartSec=10\nTimeoutStopSec=40\n\n"
      "[Install]\nWantedBy=multi-user.target\n",
      service.description, start, runtime_folder(service), kServiceCache, kServiceCache);
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
                    "command_user=nobody\nrespawn_delay=10\nrespawn_max=0\n"
                    "retry=\"TERM/40/KILL/5\"\nexport HF_HOME={} XDG_STATE_HOME={}\n"
                    "depend() {{\n  need net\n}}\n"
                    "start_pre() {{\n  checkpath --directory --owner nobody {}\n}}\n",
                    service.start.front(), command_line(arguments), kServiceCache, kServiceCache,
                    kServiceCache);
}

std::string unit_of(const std::string& name) {
  return name + ".service";
}

ChangePointer at_start(const std::string& name, ServiceManager manager) {
  if (manager == ServiceManager::kOpenRc) {
    return make_command_change({"rc-update", "add", name, "default"},
                               {"rc-update", "del", name, "default"},
                               "/etc/runlevels/default/" + name);
  }
  const std::string unit = unit_of(name);
  return make_command_change({"systemctl", "enable", unit}, {"systemctl", "disable", unit},
                             "/etc/systemd/system/multi-user.target.wants/" + unit);
}

// The command that does `what`: "start", "stop", "restart".
Arguments control(const char* what, const std::string& name, ServiceManager manager) {
  return manager == ServiceManager::kOpenRc ? Arguments{"rc-service", name, what}
                                            : Arguments{"systemctl", what, unit_of(name)};
}

}  // namespace

std::string models_of_service(const Machine& machine) {
  for (const char* folder : {"/var/cache/private/samovar", kServiceCache}) {
    if (machine.exists(folder)) return folder;
  }
  return "";
}

Result<std::vector<ChangePointer>> service_changes(const Service& service, ServiceManager manager) {
  SAMOVAR_CHECK(manager != ServiceManager::kNone);
  SAMOVAR_TRY(check_arguments(service.start));
  SAMOVAR_TRY(check_arguments(service.stop));
  const bool systemd = manager == ServiceManager::kSystemd;
  const std::string path =
      systemd ? "/etc/systemd/system/" + unit_of(service.name) : "/etc/init.d/" + service.name;
  const std::string text = systemd ? systemd_unit(service) : openrc_script(service);
  const Arguments reload = systemd ? Arguments{"systemctl", "daemon-reload"} : Arguments{};
  std::vector<ChangePointer> changes;
  changes.push_back(make_file_change({path, text, !systemd, reload}));
  changes.push_back(at_start(service.name, manager));
  changes.push_back(make_step_change({.name = "start-" + service.name,
                                      .apply = {control("restart", service.name, manager)},
                                      .undo = {control("stop", service.name, manager)},
                                      .undo_needs = path,
                                      .version = text,
                                      .evidence = evidence_of(service, manager)}));
  return changes;
}

Arguments reboot_command(ServiceManager manager) {
  return manager == ServiceManager::kSystemd ? Arguments{"systemctl", "reboot"}
                                             : Arguments{"reboot"};
}

std::vector<ChangePointer> enable_changes(const std::string& name, const std::string& evidence,
                                          ServiceManager manager) {
  std::vector<ChangePointer> changes;
  changes.push_back(at_start(name, manager));
  changes.push_back(make_command_change(control("start", name, manager),
                                        control("stop", name, manager), evidence));
  return changes;
}

}  // namespace samovar::host
