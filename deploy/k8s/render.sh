#!/bin/sh
# Renders the chart to plain manifests: deploy/k8s/render.sh [FOLDER]
#
#   llama-server.yaml   the server, for kubectl apply and kubectl delete
#   monitoring.yaml     what kube-prometheus needs to watch it
#
# Needs helm (tools/deploy_tools.sh fetches one; HELM names another). FOLDER: where to write, deploy/k8s if none.
# SPDX-License-Identifier: Apache-2.0
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
fetched=$here/../../build/deploy-tools/bin/helm
helm=${HELM:-$([ -x "$fetched" ] && echo "$fetched" || echo helm)}

# render FILE OPTIONS...: the chart with a store that no cluster lacks, without the marks that only helm's own releases should have
render() {
  file=$1
  shift
  rendered=$("$helm" template llama-server "$here/../helm/samovar" --namespace default --skip-tests \
    --set store.type=emptyDir --set store.size=4Gi "$@")
  {
    echo "# Made by deploy/k8s/render.sh from the chart deploy/helm/samovar. SPDX-License-Identifier: Apache-2.0"
    printf '%s\n' "$rendered" | sed -e '/app.kubernetes.io\/managed-by: Helm/d' -e '/helm.sh\/chart:/d' -e '/^# Source: /d'
  } > "$out/$file"
}

render llama-server.yaml
render monitoring.yaml --set monitoring.enabled=true \
  --show-only templates/servicemonitor.yaml --show-only templates/prometheus-role.yaml \
  --show-only templates/prometheusrule.yaml --show-only templates/dashboard.yaml
