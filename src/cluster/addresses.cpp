#include "cluster/addresses.h"

#include "cluster/kubectl.h"
#include "cluster/release.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Machine;

constexpr char kUp[] =
    "/api/v1/namespaces/monitoring/services/prometheus-k8s:web/proxy/api/v1/query"
    "?query=max(up%7Bjob%3D%22samovar%22%7D)";

// "http://10.96.0.7:8080"; empty where there is no such Service. It is reached from the node, and
// from nowhere else.
std::string url(const Machine& machine, const ClusterWishes& wishes,
                const host::Arguments& service) {
  host::Arguments command{"get", "service", "-o",
                          "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}"};
  command.insert(command.end(), service.begin(), service.end());
  const auto answer = machine.run(kubectl(wishes, command));
  return answer.ok() ? "http://" + answer.value() : "";
}

// Of the answer to kUp, as Prometheus describes it ("HTTP API: instant queries").
std::string target_state(const Machine& machine, const ClusterWishes& wishes) {
  const auto answer = machine.run(kubectl(wishes, {"get", "--raw", kUp}));
  if (!answer.ok()) return "does not answer yet";
  const auto value = json::parse(answer.value());
  if (!value.ok()) return "answers nonsense";
  const json::Value::json_pointer sample("/data/result/0/value/1");
  if (!value->contains(sample)) return "target not seen yet";
  return value->at(sample) == "1" ? "target UP" : "target DOWN";
}

std::string line(const char* what, const std::string& where, const std::string& more) {
  return fmt::format("{:<11} {}{}\n", what, where.empty() ? "not there" : where,
                     where.empty() || more.empty() ? "" : "  " + more);
}

}  // namespace

std::string addresses(const Machine& machine, const ClusterWishes& wishes) {
  const std::string api = url(machine, wishes, {kReleaseName});
  std::string text = line("API", api.empty() ? api : api + "/v1", "");
  if (wishes.monitoring == Monitoring::kNone) return text;
  const std::string prometheus = url(machine, wishes, {"-n", "monitoring", "prometheus-k8s"});
  text += line("Prometheus", prometheus, prometheus.empty() ? "" : target_state(machine, wishes));
  const std::string grafana = url(machine, wishes, {"-n", "monitoring", "grafana"});
  return text + line("Grafana", grafana, "board \"samovar\"; admin, admin at first");
}

}  // namespace samovar::cluster
