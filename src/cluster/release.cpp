#include "cluster/release.h"

#include "cluster/embedded.h"
#include "cluster/kubectl.h"
#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

using host::Step;

std::string folder() {
  return fmt::format("{}/release", kFolder);
}

bool is_path(const std::string& model) {
  return model.starts_with('/');
}

// Else the node has the model.
bool pods_fetch(const ClusterWishes& wishes) {
  return wishes.models.empty() && !is_path(wishes.model);
}

// `text` as YAML, whatever is in it.
std::string quoted(const std::string& text) {
  return json::dump(json::Value(text));
}

std::string model_arguments(const ClusterWishes& wishes) {
  return fmt::format("{}, --ctx-size={}, --parallel={}, {}", quoted(wishes.model), wishes.context,
                     wishes.parallel, quoted("--kv=" + wishes.kv));
}

// A container with `arguments`, the pod's limits and, where the node has the model, without a way
// out to fetch another.
std::string container(const char* name, const std::string& arguments, const ClusterWishes& wishes,
                      const PodMemory& memory) {
  std::string text = fmt::format(
      "        - name: {}\n"
      "          args: [{}]\n"
      "          resources: {{limits: {{memory: {}Mi}}, requests: {{memory: {}Mi}}}}\n",
      name, arguments, memory.limit_mib, memory.request_mib);
  if (pods_fetch(wishes)) return text;
  return text +
         "          env: [{name: HF_HUB_OFFLINE, value: \"1\"}]\n"
         "          volumeMounts: [{name: models, mountPath: /models, readOnly: true}]\n";
}

std::string volume(const ClusterWishes& wishes) {
  if (wishes.models.empty()) return "";
  return fmt::format(
      "      volumes:\n"
      "        - {{name: models, emptyDir: null, hostPath: {{path: {}, type: Directory}}}}\n",
      quoted(wishes.models));
}

std::string pull(const ClusterWishes& wishes, const PodMemory& memory) {
  if (!pods_fetch(wishes)) return "        - {name: pull, $patch: delete}\n";
  return container("pull", fmt::format("pull, {}", quoted(wishes.model)), wishes, memory);
}

std::string kustomization(const ClusterWishes& wishes, bool monitored) {
  std::string text =
      "# Written by `samovar cluster up`.\n"
      "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
      "  - llama-server.yaml\n";
  if (monitored) text += "  - monitoring.yaml\n";
  const size_t colon = wishes.image.rfind(':');
  text += fmt::format(
      "images:\n  - {{name: {}, newName: {}, newTag: {}}}\npatches:\n  - path: patch.yaml\n",
      kImageName, quoted(wishes.image.substr(0, colon)), quoted(wishes.image.substr(colon + 1)));
  // As the chart does for a store that nobody has to fetch for.
  if (!pods_fetch(wishes)) {
    text += fmt::format(
        "  - target: {{kind: NetworkPolicy, name: {}}}\n"
        "    patch: '[{{\"op\": \"replace\", \"path\": \"/spec/egress\", \"value\": []}}]'\n",
        kReleaseName);
  }
  return text;
}

Step pack_image(const ClusterWishes& wishes, const std::string& file) {
  return {.name = "image-pack",
          .apply = {{wishes.program, "cluster", "image", file}},
          .undo = {{"rm", "-f", file}},
          .when = Step::When::kAlways};
}

Step import_image(const ClusterWishes& wishes, const std::string& file) {
  const host::Arguments ctr{"ctr", "--address", wishes.containerd, "-n", "k8s.io", "images"};
  host::Arguments import = ctr, remove = ctr;
  import.insert(import.end(), {"import", file});
  remove.insert(remove.end(), {"rm", wishes.image});
  // A step of its own for each image: all that were imported are taken back.
  std::string name = "image-" + wishes.image;
  std::replace(name.begin(), name.end(), '/', '_');
  return {.name = name,
          .apply = {import},
          .undo = {remove},
          .undo_needs = wishes.containerd,
          .when = Step::When::kAlways};
}

// Nothing where the nodes of another cluster have it from elsewhere.
std::vector<host::ChangePointer> image_changes(const ClusterWishes& wishes) {
  std::vector<host::ChangePointer> changes;
  std::string file = wishes.image_file;
  if (file.empty() && !wishes.kubeconfig.empty()) return changes;
  if (file.empty()) {
    file = fmt::format("{}/image.tar", kFolder);
    changes.push_back(host::make_step_change(pack_image(wishes, file)));
  }
  changes.push_back(host::make_step_change(import_image(wishes, file)));
  return changes;
}

Step pull_to_node(const ClusterWishes& wishes) {
  return {.name = "model",
          .apply = {{"env", "HF_HUB_CACHE=" + wishes.models, wishes.program, "pull", wishes.model}},
          .when = Step::When::kAlways};  // what is there is not fetched again
}

}  // namespace

std::string image_tag(const std::string& version) {
  return fmt::format("{}:{}", kImageName, version);
}

std::string release_patch(const ClusterWishes& wishes, const PodMemory& memory) {
  const std::string model = model_arguments(wishes);
  return fmt::format(
      "# Written by `samovar cluster up`.\n"
      "apiVersion: apps/v1\n"
      "kind: StatefulSet\n"
      "metadata: {{name: {}}}\n"
      "spec:\n"
      "  template:\n"
      "    spec:\n"
      "      initContainers:\n{}{}"
      "      containers:\n{}{}",
      kReleaseName, pull(wishes, memory),
      container("plan", "plan, --check, " + model, wishes, memory),
      container("samovar",
                "serve, " + model + ", --host=0.0.0.0, --port=8080, --drain=30, --insecure-open",
                wishes, memory),
      volume(wishes));
}

std::vector<host::ChangePointer> release_changes(const ClusterWishes& wishes,
                                                 const PodMemory& memory, bool monitored) {
  host::Changes changes;
  const auto file = [&](const char* name, std::string text) {
    changes.push_back(
        host::make_file_change({fmt::format("{}/{}", folder(), name), std::move(text)}));
  };
  // Files first: they know which folders they have made, commands do not.
  file("llama-server.yaml", std::string(kServerYaml));
  if (monitored) file("monitoring.yaml", std::string(kMonitoredYaml));
  file("patch.yaml", release_patch(wishes, memory));
  file("kustomization.yaml", kustomization(wishes, monitored));
  host::append(changes, image_changes(wishes));
  if (!wishes.models.empty() && !is_path(wishes.model)) {
    changes.push_back(host::make_step_change(pull_to_node(wishes)));
  }
  changes.push_back(host::make_step_change({.name = kReleaseStep,
                                            .apply = {kubectl(wishes, {"apply", "-k", folder()})},
                                            .undo = {kubectl_delete(wishes, {"-k", folder()})},
                                            .undo_needs = cluster_evidence(wishes),
                                            .when = Step::When::kAlways}));
  return changes;
}

}  // namespace samovar::cluster
