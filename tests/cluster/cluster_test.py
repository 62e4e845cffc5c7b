"""`samovar cluster` on a real Kubernetes: up, a chat through the Service, another model, monitoring, down.

k0s itself can't be had here: the same code, minus k0s, works on the cluster of node.sh. Prometheus and its operator run, made
of their own sources; Grafana can't be had, and what stands in for it only says that it is healthy.
SPDX-License-Identifier: Apache-2.0
"""

import json
import math
import os
import urllib.parse

import pytest

from cluster_node import STATE
from deployment import BOARD_OF_2024, dashboard_queries

PROMETHEUS = "/api/v1/namespaces/monitoring/services/prometheus-k8s:web/proxy/api/v1"


@pytest.fixture
def up(cluster, models):
    """The arguments that serve the small model."""
    return [*cluster.up, "/models/small.gguf", f"--models={models}", "--ctx-size=1024", "--memory=1G"]


def test_up_serves_a_model_and_down_leaves_nothing(node, cluster, up):
    before = node.objects()
    assert "nothing is done yet" in cluster(*up, "--monitoring=none")
    said = cluster(*up, "--monitoring=none", "--apply")
    url = next(line.split()[1] for line in said.splitlines() if line.startswith("API"))
    assert node.ask(url, "What is the capital of France?")
    assert node.kubectl("get", "pod", "llama-server-0", "-o", "jsonpath={.spec.containers[0].resources.limits.memory}") == "1Gi"
    assert url in cluster("status", f"--kubeconfig={node.kubeconfig}")
    cluster(*up, "--monitoring=none", "--apply")  # a second time
    assert node.ask(url, "And of Spain?")

    assert "nothing is done yet" in cluster("down")
    cluster("down", "--apply")
    assert node.objects() == before
    assert not os.path.exists(STATE)


def test_monitoring_is_installed_light_and_removed(node, cluster, up, kube_prometheus):
    before = node.objects()
    cluster(*up, "--monitoring=light", "--no-wait", "--apply")
    get = lambda *what: node.kubectl("get", "-n", "monitoring", *what)
    assert get("prometheus", "k8s", "-o", "jsonpath={.spec.replicas} {.spec.alerting}").strip() == "1"
    mounts = get("deployment", "grafana", "-o", "jsonpath={.spec.template.spec.containers[0].volumeMounts[*].name}")
    assert "grafana-dashboard-samovar" in mounts.split()
    assert get("configmap", "grafana-dashboard-samovar", "-o", "name")
    assert node.kubectl("get", "servicemonitor", "llama-server", "-o", "name")
    assert "alertmanager" not in get("all", "-o", "name")
    assert "Grafana     http://" in cluster("status", f"--kubeconfig={node.kubeconfig}")

    cluster("down", "--apply")
    assert node.objects() == before
    assert not os.path.exists(STATE)


def prometheus(node, path, **parameters):
    """RETURNS `data` of the answer of the Prometheus in the cluster."""
    answer = node.kubectl("get", "--raw", f"{PROMETHEUS}/{path}?{urllib.parse.urlencode(parameters)}")
    return json.loads(answer)["data"]


def test_prometheus_finds_the_server_by_itself(node, cluster, up, kube_prometheus, prometheus_images):
    before = node.objects()
    said = cluster(*up, "--monitoring=light", "--apply")
    print(said[said.index("\nAPI"):])
    status = lambda: cluster("status", f"--kubeconfig={node.kubeconfig}")
    print(f"target UP after {node.wait_until('the target is UP', lambda: 'target UP' in status()):.0f} s more")
    url = node.service_url("llama-server")
    with node.clients(url, 4, tokens=48):
        sees = lambda: prometheus(node, "query", query="max_over_time(llamacpp:requests_deferred[1m])")["result"]
        node.wait_until("Prometheus sees them wait", lambda: sees() and float(sees()[0]["value"][1]) > 0)
        node.wait_until("it has scraped for a while", lambda: float(
            prometheus(node, "query", query="sum(count_over_time(up{job=\"samovar\"}[5m]))")["result"][0]["value"][1]) >= 6)
        queries = dashboard_queries("1m") + [("board of 2024", name) for name in BOARD_OF_2024]
        empty = []
        for panel, expression in queries:
            found = prometheus(node, "query", query=expression)["result"]
            if not any(math.isfinite(float(series["value"][1])) for series in found):
                empty.append(f"{panel}: {expression}")
    print(f"{len(queries) - len(empty)} of {len(queries)} queries return data")
    assert empty == []
    assert sees()[0]["metric"]["pod"] == "llama-server-0"
    rules = [rule["name"] for group in prometheus(node, "rules")["groups"] for rule in group["rules"]]
    assert "SamovarDown" in rules

    cluster("down", "--apply")
    assert node.objects() == before
