#!/bin/bash
# A real Kubernetes of one node in a network namespace of its own: tests/cluster/node.sh up|node|down FOLDER TOOLS
#
# FOLDER gets its state: admin.kubeconfig, containerd.sock, log/, a .pid for each process. TOOLS holds hyperkube, coredns and
# kubectl (tools/cluster_tools.sh); etcd, containerd, runc and the CNI plug-ins come from Debian. Nothing listens on the machine's
# own interfaces and no pod reaches out: commands enter with `nsenter --net=/run/netns/samovar-test`.
# Test only: tokens are fixed, certificates are not checked. Needs root. SPDX-License-Identifier: Apache-2.0
set -eu
command=$1
run=$2
tools=${3:-}
name=samovar-test
ip=10.250.0.1
services="dns proxy kubelet scheduler controllers containerd apiserver etcd"  # in the order in which they end

inside() { nsenter --net=/run/netns/$name "$@"; }

# The roots of version 1's hierarchies, or version 2's one.
hierarchies() {
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo /sys/fs/cgroup; else ls -d /sys/fs/cgroup/[!u]*; fi
}

# make_cgroup PARENT NAME: with what its processes need before they can be there
make_cgroup() {
  [ ! -e "$1/cgroup.controllers" ] || echo '+cpu +cpuset +memory +pids' > "$1/cgroup.subtree_control"
  mkdir "$1/$2"
  [ ! -e "$1/cpuset.mems" ] || [ -e "$1/cgroup.controllers" ] || {
    cat "$1/cpuset.cpus" > "$1/$2/cpuset.cpus"
    cat "$1/cpuset.mems" > "$1/$2/cpuset.mems"
  }
}

make_cgroups() {
  local root
  for root in $(hierarchies); do
    make_cgroup "$root" $name
    make_cgroup "$root/$name" services
  done
}

# start NAME PROGRAM...: in the background, with log and pid
start() {
  local service=$1
  shift
  (for root in $(hierarchies); do echo $BASHPID > "$root/$name/services/cgroup.procs"; done
   exec nohup nsenter --net=/run/netns/$name "$@") > "$run/log/$service.log" 2>&1 < /dev/null &
  echo $! > "$run/$service.pid"
}

# until_done SECONDS COMMAND...
until_done() {
  local left=$(($1 * 2))
  shift
  until "$@" > /dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { echo "node: $* did not succeed" >&2; return 1; }
    sleep 0.5
  done
}

kubeconfig() {  # TOKEN
  cat <<X
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: $1}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
X
}

make_network() {
  ip netns add $name
  ip -n $name link set lo up
  ip -n $name link add node0 type bridge
  ip -n $name addr add $ip/24 dev node0
  ip -n $name link set node0 up
  ip -n $name route add default dev node0
  inside sysctl -qw net.ipv4.ip_forward=1
}

control_plane() {
  openssl genrsa -out "$run/pki/sa.key" 2048 2> /dev/null
  printf 'admin-token,admin,admin,system:masters\nnode-token,system:node:node0,kubelet,system:nodes\n' > "$run/pki/tokens.csv"
  kubeconfig admin-token > "$run/admin.kubeconfig"
  kubeconfig node-token > "$run/node.kubeconfig"
  start etcd etcd --data-dir "$run/etcd" --unsafe-no-fsync --listen-client-urls http://127.0.0.1:2379 \
    --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380
  start apiserver "$tools/hyperkube" kube-apiserver --etcd-servers=http://127.0.0.1:2379 --cert-dir="$run/pki" \
    --bind-address=0.0.0.0 --advertise-address=$ip --secure-port=6443 --service-cluster-ip-range=10.251.0.0/24 \
    --authorization-mode=Node,RBAC --token-auth-file="$run/pki/tokens.csv" --allow-privileged=true \
    --service-account-issuer=https://kubernetes.default.svc --service-account-signing-key-file="$run/pki/sa.key" \
    --service-account-key-file="$run/pki/sa.key" --kubelet-preferred-address-types=InternalIP
  until_done 120 inside "$tools/kubectl" --kubeconfig "$run/admin.kubeconfig" get --raw /readyz
  start controllers "$tools/hyperkube" kube-controller-manager --kubeconfig="$run/admin.kubeconfig" \
    --service-account-private-key-file="$run/pki/sa.key" --root-ca-file="$run/pki/apiserver.crt" --leader-elect=false \
    --use-service-account-credentials=false --cert-dir="$run/pki" --bind-address=127.0.0.1 \
    --horizontal-pod-autoscaler-sync-period=3s
  cat > "$run/scheduler.yaml" <<X
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: $run/admin.kubeconfig}
leaderElection: {leaderElect: false}
X
  start scheduler "$tools/hyperkube" kube-scheduler --config="$run/scheduler.yaml" --bind-address=127.0.0.1
}

# restrict_oom_score_adj: where root lacks CAP_SYS_RESOURCE, no sandbox starts without it
container_engine() {
  cat > "$run/cni/10-pods.conflist" <<X
{"cniVersion": "0.4.0", "name": "pods", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": false, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$run/cni-ipam", "ranges": [[{"subnet": "10.252.0.0/24"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
X
  cat > "$run/containerd.toml" <<X
version = 2
root = "$run/containerd"
state = "$run/containerd-state"
[grpc]
  address = "$run/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$run/cni"
X
  start containerd containerd -c "$run/containerd.toml"
  until_done 30 ctr -a "$run/containerd.sock" version
}

node() {
  cat > "$run/kubelet.yaml" <<X
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /$name
failSwapOn: false
failCgroupV1: false
containerRuntimeEndpoint: unix://$run/containerd.sock
resolvConf: ""
clusterDomain: cluster.local
clusterDNS: ["$ip"]
enforceNodeAllocatable: [pods]
evictionHard: {memory.available: 100Mi, nodefs.available: "1%", imagefs.available: "1%"}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
localStorageCapacityIsolation: false
nodeStatusUpdateFrequency: 4s
healthzBindAddress: 127.0.0.1
X
  start kubelet "$tools/hyperkube" kubelet --config="$run/kubelet.yaml" --kubeconfig="$run/node.kubeconfig" \
    --hostname-override=node0 --node-ip=$ip --root-dir="$run/kubelet" --cert-dir="$run/pki"
  cat > "$run/proxy.yaml" <<X
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: iptables
clientConnection: {kubeconfig: $run/admin.kubeconfig}
hostnameOverride: node0
clusterCIDR: 10.252.0.0/24
conntrack: {maxPerCore: 0}
iptables: {syncPeriod: 5s, minSyncPeriod: 1s}
X
  start proxy "$tools/hyperkube" kube-proxy --config="$run/proxy.yaml"
  cat > "$run/Corefile" <<X
cluster.local:53 {
  errors
  kubernetes cluster.local {
    kubeconfig $run/admin.kubeconfig
  }
}
X
  start dns "$tools/coredns" -conf "$run/Corefile"
  until_done 60 inside "$tools/kubectl" --kubeconfig "$run/admin.kubeconfig" wait --for=condition=Ready node/node0 --timeout=1s
}

stop() {  # NAME: by its pid, with force after 10 s
  [ -e "$run/$1.pid" ] || return 0
  local pid
  pid=$(cat "$run/$1.pid")
  kill "$pid" 2> /dev/null || return 0
  for _ in $(seq 40); do
    kill -0 "$pid" 2> /dev/null || return 0
    sleep 0.25
  done
  kill -9 "$pid" 2> /dev/null || true
}

# What pods leave: tasks (and their shims) and network namespaces.
remove_pods() {
  local ctr="ctr -a $run/containerd.sock -n k8s.io" id
  for id in $($ctr containers ls -q 2> /dev/null); do $ctr containers info "$id" | grep -o '/run/netns/cni-[^"]*' || true; done |
    sort -u > "$run/namespaces"
  for id in $($ctr tasks ls -q 2> /dev/null); do $ctr tasks rm -f "$id" > /dev/null 2>&1 || true; done
  for id in $($ctr containers ls -q 2> /dev/null); do $ctr containers rm "$id" > /dev/null 2>&1 || true; done
}

down() {
  [ -d "$run" ] || return 0
  local service namespace root
  for service in $services; do
    [ "$service" != containerd ] || remove_pods
    stop "$service"
  done
  { grep " $run/" /proc/self/mountinfo || true; } | awk '{print $5}' | sort -r | while read -r mount; do umount -l "$mount"; done
  for root in $(hierarchies); do find "$root/$name" -depth -type d -exec rmdir {} \; 2> /dev/null || true; done
  for namespace in $(cat "$run/namespaces" 2> /dev/null) $name; do ip netns del "${namespace##*/}" 2> /dev/null || true; done
  rm -rf "$run"
}

case $command in
  up)
    mkdir -p "$run/pki" "$run/log" "$run/cni"
    make_network
    make_cgroups
    control_plane
    container_engine
    ;;
  node) node ;;  # after the pause image was imported
  down) down ;;
  *) echo "usage: tests/cluster/node.sh up|node|down FOLDER TOOLS" >&2; exit 2 ;;
esac
