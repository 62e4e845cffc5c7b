#!/bin/sh
# Brings what tests/cluster needs besides Debian packages (tools/setup.sh cluster) into build/cluster-tools.
#
#   bin/hyperkube   Kubernetes 1.33: apiserver, controllers, scheduler, kubelet and proxy in one program, built here from Go
#                   modules: 16 minutes of one core, 3 GB of Go's caches; kept until tests/cluster/hyperkube changes
#   bin/coredns     the cluster's names, in the same way: 4 minutes of one core; kept until tests/cluster/coredns changes
#   bin/operator, prometheus-config-reloader, kube-rbac-proxy, prometheus
#                   what kube-prometheus runs, built of the versions that it names: 15 minutes of one core
#   bin/stand_in_grafana     says that it is healthy: Grafana can't be built here
#   bin/pause       what holds a pod's namespaces: a C program of one line
#   bin/kubectl, helm        from tools/deploy_tools.sh
#   kube-prometheus.tar.gz   the release that `samovar cluster up` fetches, for a cluster without a way out
#
# What can't be had is named and left out: its tests are skipped. SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
tools=$PWD/build/cluster-tools
release=v0.16.0
mkdir -p "$tools/bin"
tools/deploy_tools.sh
for name in kubectl helm; do ln -sf "../../deploy-tools/bin/$name" "$tools/bin/$name"; done

# build NAME MINUTES [LINKER FLAGS]: the Go program of tests/cluster/NAME, unless the one here is of the same sources
build() {
  sources=tests/cluster/$1
  sum=$(cat "$sources"/* | sha256sum | cut -d ' ' -f 1)
  if [ -x "$tools/bin/$1" ] && [ "$(cat "$tools/$1.sum" 2>/dev/null)" = "$sum" ]; then return; fi
  if ! command -v go >/dev/null 2>&1; then
    echo "cluster tools: no go here, so no $1"
    return
  fi
  echo "cluster tools: building $1 ($2 minutes of one core)"
  (cd "$sources" && CGO_ENABLED=0 nice go build -trimpath -ldflags "-s -w ${3:-}" -o "$tools/bin/$1" .)
  echo "$sum" > "$tools/$1.sum"
}

kubernetes=$(sed -n 's|^require k8s.io/kubernetes v||p' tests/cluster/hyperkube/go.mod)
names=k8s.io/component-base/version
build hyperkube 16 "-X $names.gitVersion=v$kubernetes -X $names.gitMajor=1 -X $names.gitMinor=33
  -X k8s.io/client-go/pkg/version.gitVersion=v$kubernetes"
build coredns 4

# build_module MODULE@VERSION PACKAGE...: its programs. In a copy, since `go install` takes no module that replaces others.
build_module() {
  module=${1%@*}
  source=$1
  shift
  wanted=
  for package; do [ -x "$tools/bin/${package##*/}" ] || wanted=yes; done
  [ -n "$wanted" ] || return 0
  if ! command -v go >/dev/null 2>&1; then
    echo "cluster tools: no go here, so nothing of $module"
    return 0
  fi
  echo "cluster tools: building programs of $source"
  folder=$(mktemp -d)
  cp -r "$(go mod download -json "$source" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')/." "$folder"
  chmod -R u+w "$folder"
  (cd "$folder"
   # its parts are modules of their own, which a downloaded module lacks
   go mod edit -dropreplace="$module/pkg/apis/monitoring" -dropreplace="$module/pkg/client"
   # of Prometheus's two dozen clouds, only Kubernetes
   [ ! -f plugins/plugins.go ] || sed -i '/discovery\//{/kubernetes/!d}' plugins/plugins.go
   CGO_ENABLED=0 nice go build -mod=mod -trimpath -ldflags '-s -w' -o "$tools/bin/" "$@")
  rm -rf "$folder"
}

build_module github.com/prometheus-operator/prometheus-operator@v0.85.0 ./cmd/operator ./cmd/prometheus-config-reloader
build_module github.com/brancz/kube-rbac-proxy@v0.19.1 ./cmd/kube-rbac-proxy
build_module github.com/prometheus/prometheus@v0.305.0 ./cmd/prometheus  # 3.5.0

[ -x "$tools/bin/stand_in_grafana" ] || gcc -static -O2 -o "$tools/bin/stand_in_grafana" tests/cluster/stand_in_grafana.c
if ! [ -x "$tools/bin/pause" ]; then
  printf '%s\n' '#include <signal.h>' '#include <unistd.h>' \
    'int main(void) { signal(SIGTERM, _exit); for (;;) pause(); }' > "$tools/pause.c"
  gcc -static -O2 -o "$tools/bin/pause" "$tools/pause.c"
fi

archive=$tools/kube-prometheus.tar.gz
[ -s "$archive" ] || curl -sSLf -o "$archive" \
  "https://github.com/prometheus-operator/kube-prometheus/archive/refs/tags/$release.tar.gz" ||
  { rm -f "$archive"; echo "cluster tools: kube-prometheus can't be fetched here, so no test with it"; }
