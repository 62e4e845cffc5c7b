#!/bin/sh
# Brings what tests/cluster needs besides Debian packages (tools/setup.sh cluster) into build/cluster-tools.
#
#   bin/hyperkube   Kubernetes 1.33: apiserver, controllers, scheduler, kubelet and proxy in one program, built here from Go
#                   modules: 16 minutes of one core, 3 GB of Go's caches; kept until tests/cluster/hyperkube changes
#   bin/pause       what holds a pod's namespaces: a C program of one line
#   bin/kubectl     from tools/deploy_tools.sh
#   kube-prometheus.tar.gz   the release that `samovar cluster up` fetches, for a cluster without a way out
#
# What can't be had is named and left out: its tests are skipped. SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
tools=$PWD/build/cluster-tools
sources=tests/cluster/hyperkube
release=v0.16.0
mkdir -p "$tools/bin"
tools/deploy_tools.sh
ln -sf ../../deploy-tools/bin/kubectl "$tools/bin/kubectl"

build_kubernetes() {
  echo "cluster tools: building Kubernetes (16 minutes of one core)"
  version=$(sed -n 's|^require k8s.io/kubernetes v||p' "$sources/go.mod")
  names=k8s.io/component-base/version
  (cd "$sources" && CGO_ENABLED=0 nice go build -trimpath -o "$tools/bin/hyperkube" -ldflags "-s -w \
    -X $names.gitVersion=v$version -X $names.gitMajor=1 -X $names.gitMinor=33 \
    -X k8s.io/client-go/pkg/version.gitVersion=v$version" .)
  echo "$sum" > "$tools/hyperkube.sum"
}

sum=$(cat "$sources"/* | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$tools/hyperkube.sum" 2>/dev/null)" != "$sum" ] || ! [ -x "$tools/bin/hyperkube" ]; then
  if command -v go >/dev/null 2>&1; then build_kubernetes; else echo "cluster tools: no go here, so no cluster"; fi
fi

if ! [ -x "$tools/bin/pause" ]; then
  printf '%s\n' '#include <signal.h>' '#include <unistd.h>' \
    'int main(void) { signal(SIGTERM, _exit); for (;;) pause(); }' > "$tools/pause.c"
  gcc -static -O2 -o "$tools/bin/pause" "$tools/pause.c"
fi

archive=$tools/kube-prometheus.tar.gz
[ -s "$archive" ] || curl -sSLf -o "$archive" \
  "https://github.com/prometheus-operator/kube-prometheus/archive/refs/tags/$release.tar.gz" ||
  { rm -f "$archive"; echo "cluster tools: kube-prometheus can't be fetched here, so no test with it"; }
