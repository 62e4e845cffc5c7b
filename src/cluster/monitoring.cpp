#include "cluster/monitoring.h"

#include "cluster/embedded.h"
#include "cluster/kubectl.h"

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Step;

// For Kubernetes 1.32 to 1.34 (its README). A newer one: compare kLightFiles with its manifests/.
constexpr char kRelease[] = "v0.16.0";
constexpr char kKubeletService[] =
    "k8s-app=kubelet,app.kubernetes.io/managed-by=prometheus-operator";

constexpr std::string_view kLightFiles[] = {
    "grafana-config",
    "grafana-dashboardDatasources",
    "grafana-dashboardDefinitions",
    "grafana-dashboardSources",
    "grafana-deployment",
    "grafana-networkPolicy",
    "grafana-service",
    "grafana-serviceAccount",
    "prometheus-clusterRole",
    "prometheus-clusterRoleBinding",
    "prometheus-networkPolicy",
    "prometheus-prometheus",
    "prometheus-roleBindingConfig",
    "prometheus-roleBindingSpecificNamespaces",
    "prometheus-roleConfig",
    "prometheus-roleSpecificNamespaces",
    "prometheus-service",
    "prometheus-serviceAccount",
    "prometheusOperator-clusterRole",
    "prometheusOperator-clusterRoleBinding",
    "prometheusOperator-deployment",
    "prometheusOperator-networkPolicy",
    "prometheusOperator-service",
    "prometheusOperator-serviceAccount",
};

std::string folder() {
  return fmt::format("{}/monitoring", kFolder);
}

std::string kustomization(Monitoring profile) {
  const bool light = profile == Monitoring::kLight;
  std::string text =
      "# Written by `samovar cluster up`.\n"
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";
  if (!light) text += "  - kube-prometheus\n";
  for (const std::string_view file : kLightFiles) {
    if (light) text += fmt::format("  - kube-prometheus/manifests/{}.yaml\n", file);
  }
  // One node: a second Prometheus there would guard against nothing.
  return text +
         "patches:\n"
         "  - path: grafana-mount.yaml\n"
         "    target: {kind: Deployment, name: grafana}\n"
         "  - target: {kind: Prometheus, name: k8s}\n"
         "    patch: |\n"
         "      apiVersion: monitoring.coreos.com/v1\n"
         "      kind: Prometheus\n"
         "      metadata: {name: k8s}\n"
         "      spec:\n"
         "        replicas: 1\n" +
         (light ? "        retention: 3d\n"
                  "        alerting: null\n"
                  "        resources: {requests: {memory: 200Mi}, limits: {memory: 512Mi}}\n"
                : "  - target: {kind: PodDisruptionBudget, name: prometheus-k8s}\n"
                  "    patch: |\n"
                  "      apiVersion: policy/v1\n"
                  "      kind: PodDisruptionBudget\n"
                  "      metadata: {name: prometheus-k8s}\n"
                  "      $patch: delete\n");
}

Step fetch() {
  const std::string to = folder() + "/kube-prometheus";
  const std::string archive = to + ".tar.gz";
  return {.name = "monitoring-fetch",
          .apply = {{"curl", "-sSLf", "--create-dirs", "-o", archive,
                     fmt::format("https://github.com/prometheus-operator/kube-prometheus/archive/"
                                 "refs/tags/{}.tar.gz",
                                 kRelease)},
                    {"mkdir", "-p", to},
                    {"tar", "-xzf", archive, "-C", to, "--strip-components=1"}},
          .undo = {{"rm", "-rf", to, archive}},
          .version = kRelease,
          .evidence = to + "/manifests"};
}

}  // namespace

std::vector<host::ChangePointer> monitoring_changes(const ClusterWishes& wishes,
                                                    Monitoring profile) {
  const std::string setup = folder() + "/kube-prometheus/manifests/setup";
  const std::string lost = cluster_evidence(wishes);
  std::vector<host::ChangePointer> changes;
  // Files first: they know which folders they have made, commands do not.
  changes.push_back(
      host::make_file_change({folder() + "/grafana-mount.yaml", std::string(kGrafanaMountYaml)}));
  changes.push_back(
      host::make_file_change({folder() + "/kustomization.yaml", kustomization(profile)}));
  changes.push_back(host::make_step_change(fetch()));
  changes.push_back(host::make_step_change(
      {.name = kMonitoringSetup,
       .apply = {kubectl(wishes, {"apply", "--server-side", "-f", setup}),
                 kubectl(wishes, {"wait", "--for", "condition=Established", "--all",
                                  "CustomResourceDefinition", "--namespace=monitoring"})},
       .undo = {kubectl_delete(wishes, {"-f", setup})},
       .undo_needs = lost,
       .when = Step::When::kAlways}));
  changes.push_back(host::make_step_change(
      {.name = "monitoring",
       .apply = {kubectl(wishes, {"apply", "--server-side", "--force-conflicts", "-k", folder()})},
       .undo = {kubectl_delete(wishes, {"-k", folder()}),
                // which the operator makes and leaves
                kubectl_delete(wishes, {"-n", "kube-system", "service", "-l", kKubeletService})},
       .undo_needs = lost,
       .when = Step::When::kAlways}));
  return changes;
}

}  // namespace samovar::cluster
