#include "cluster/kubectl.h"

namespace samovar::cluster {

host::Arguments kubectl(const ClusterWishes& wishes, const host::Arguments& arguments) {
  host::Arguments command = wishes.kubeconfig.empty()
                                ? host::Arguments{kK0sProgram, "kubectl"}
                                : host::Arguments{"kubectl", "--kubeconfig=" + wishes.kubeconfig};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

host::Arguments kubectl_delete(const ClusterWishes& wishes, const host::Arguments& what) {
  host::Arguments command{"delete", "--ignore-not-found=true", "--cascade=foreground"};
  command.insert(command.end(), what.begin(), what.end());
  return kubectl(wishes, command);
}

std::string cluster_evidence(const ClusterWishes& wishes) {
  return wishes.kubeconfig.empty() ? kK0sSocket : "";
}

}  // namespace samovar::cluster
