"""Everything that is handed to Kubernetes is valid, and the plain manifests are the chart's.

SPDX-License-Identifier: Apache-2.0
"""

import subprocess

import pytest
import yaml

from deployment import DEPLOY, TOOLS, manifests, one, render, run, template, tool
from kinds_of_values import KINDS_OF_VALUES

SCHEMAS = TOOLS / "schemas"


def kubeconform(text):
    """The finished check of every manifest in the text against the schema of its kind."""
    if not SCHEMAS.is_dir():
        pytest.skip("no schemas here: tools/deploy_tools.sh fetches them")
    return run("kubeconform", "-strict", "-summary",
               "-schema-location", SCHEMAS / "kubernetes/{{.ResourceKind}}{{.KindSuffix}}.json",
               "-schema-location", SCHEMAS / "crd/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json", stdin=text)


def validate(text):
    result = kubeconform(text)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("options", KINDS_OF_VALUES.values(), ids=KINDS_OF_VALUES)
def test_what_it_renders_is_valid(options):
    rendered = template(*options)
    assert rendered.returncode == 0, rendered.stderr
    validate(rendered.stdout)


@pytest.mark.parametrize("name", ["llama-server.yaml", "monitoring.yaml"])
def test_the_plain_manifests_are_valid(name):
    validate((DEPLOY / "k8s" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("fault", ["replicas: one", "replicaz: 1"])
def test_the_validation_sees_a_fault(fault):
    rendered = template().stdout.replace("replicas: 1", fault)
    assert fault in rendered
    result = kubeconform(rendered)
    assert result.returncode == 1
    assert "StatefulSet llama-server is invalid" in result.stdout


def test_the_plain_manifests_are_what_the_chart_renders(tmp_path, monkeypatch):
    monkeypatch.setenv("HELM", tool("helm"))
    subprocess.run([DEPLOY / "k8s/render.sh", tmp_path], check=True)
    for name in ("llama-server.yaml", "monitoring.yaml"):
        fresh = manifests((tmp_path / name).read_text(encoding="utf-8"))
        committed = manifests((DEPLOY / "k8s" / name).read_text(encoding="utf-8"))
        assert committed == fresh, f"{name}: run deploy/k8s/render.sh"


def test_the_plain_manifest_needs_nothing_that_a_cluster_may_lack():
    kinds = {m["kind"] for m in manifests((DEPLOY / "k8s/llama-server.yaml").read_text(encoding="utf-8"))}
    assert kinds == {"StatefulSet", "Service", "PodDisruptionBudget", "NetworkPolicy"}


GRAFANA = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: grafana, namespace: monitoring}
spec:
  selector: {matchLabels: {app: grafana}}
  template:
    metadata: {labels: {app: grafana}}
    spec:
      containers:
        - name: grafana
          image: grafana
          volumeMounts:
            - {mountPath: /grafana-dashboard-definitions/0/nodes, name: grafana-dashboard-nodes}
      volumes:
        - {name: grafana-dashboard-nodes, configMap: {name: grafana-dashboard-nodes}}
"""


def test_the_dashboard_is_mounted_into_grafana_once_and_taken_out_again(tmp_path):
    def patched(deployment, patch):
        file = tmp_path / "grafana.yaml"
        file.write_text(yaml.safe_dump(deployment), encoding="utf-8")
        result = run("kubectl", "patch", "--local", "-f", file, "--patch-file", DEPLOY / "grafana" / patch, "-o", "yaml")
        assert result.returncode == 0, result.stderr
        return yaml.safe_load(result.stdout)

    before = yaml.safe_load(GRAFANA)
    mounted = patched(before, "mount.yaml")
    pod = mounted["spec"]["template"]["spec"]
    assert {"mountPath": "/grafana-dashboard-definitions/0/samovar", "name": "grafana-dashboard-samovar"} in \
        pod["containers"][0]["volumeMounts"]
    assert len(pod["containers"][0]["volumeMounts"]) == len(pod["volumes"]) == 2
    config_map = one(render("--set", "monitoring.enabled=true"), "ConfigMap")["metadata"]["name"]
    assert {"name": config_map, "configMap": {"name": config_map, "optional": True}} in pod["volumes"]
    assert patched(mounted, "mount.yaml") == mounted
    assert patched(mounted, "unmount.yaml") == before
