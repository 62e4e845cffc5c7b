"""`samovar cluster` on a real Kubernetes: up, a chat through the Service, another model, monitoring, down.

k0s itself can't be had here: the same code, minus k0s, works on the cluster of node.sh. Prometheus and its operator run, made
of their own sources; Grafana can't be had, and what stands in for it only says that it is healthy.
SPDX-License-Identifier: Apache-2.0
"""

import json
import math
import os
import shutil
import urllib.parse

import pytest

import monitoring_images
from cluster_node import TOOLS
from deployment import BOARD_OF_2024, dashboard_queries

STATE = "/var/lib/samovar-host"
PROMETHEUS = "/api/v1/namespaces/monitoring/services/prometheus-k8s:web/proxy/api/v1"
ARCHIVE = TOOLS / "kube-prometheus.tar.gz"


@pytest.fixture(scope="module")
def image_file(docker, image, node):
    tar = f"{node.folder}/samovar.tar"
    docker.output("save", "-o", tar, image)
    return tar


@pytest.fixture
def cluster(node, samovar, image_file, models):
    """cluster(command, *arguments): `samovar cluster` there. RETURNS stdout."""
    if os.path.exists(STATE):
        pytest.skip(f"{STATE} is there: this machine is somebody's host or cluster")

    def run(command, *arguments, **options):
        return node.output(samovar.binary, "cluster", command, *arguments, **options)

    run.up = ["up", "/models/small.gguf", f"--kubeconfig={node.kubeconfig}", f"--image={image_file}",
              f"--containerd={node.containerd}", f"--models={models}", "--ctx-size=1024", "--memory=1G"]
    yield run
    if os.path.exists(STATE):  # a test that failed in the middle
        node.enter(samovar.binary, "cluster", "down", "--apply")
        shutil.rmtree(STATE, ignore_errors=True)


def ask(node, url, text):
    body = json.dumps({"messages": [{"role": "user", "content": text}], "max_tokens": 8, "temperature": 0})
    answer = node.output("curl", "-sSf", "-m", "60", f"{url}/chat/completions", "-d", body)
    return json.loads(answer)["choices"][0]["message"]["content"]


def test_up_serves_a_model_and_down_leaves_nothing(node, cluster):
    before = node.objects()
    assert "nothing is done yet" in cluster(*cluster.up, "--monitoring=none")
    said = cluster(*cluster.up, "--monitoring=none", "--apply")
    url = next(line.split()[1] for line in said.splitlines() if line.startswith("API"))
    assert ask(node, url, "What is the capital of France?")
    assert node.kubectl("get", "pod", "llama-server-0", "-o", "jsonpath={.spec.containers[0].resources.limits.memory}") == "1Gi"
    assert url in cluster("status", f"--kubeconfig={node.kubeconfig}")
    cluster(*cluster.up, "--monitoring=none", "--apply")  # a second time
    assert ask(node, url, "And of Spain?")

    assert "nothing is done yet" in cluster("down")
    cluster("down", "--apply")
    assert node.objects() == before
    assert not os.path.exists(STATE)


@pytest.fixture
def kube_prometheus(node):
    """The cluster has no way out: what `curl` would fetch lies here."""
    if not ARCHIVE.exists():
        pytest.skip("kube-prometheus can't be fetched here")
    os.makedirs(f"{node.folder}/bin", exist_ok=True)
    with open(f"{node.folder}/bin/curl", "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\ncase "$*" in\n  *kube-prometheus*) cp {ARCHIVE} "$4" ;;\n  *) exec /usr/bin/curl "$@" ;;\nesac\n')
    os.chmod(f"{node.folder}/bin/curl", 0o755)


def test_monitoring_is_installed_light_and_removed(node, cluster, kube_prometheus):
    before = node.objects()
    cluster(*cluster.up, "--monitoring=light", "--no-wait", "--apply")
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


def test_prometheus_finds_the_server_by_itself(node, docker, cluster, kube_prometheus):
    reason = monitoring_images.what_is_missing()
    if reason:
        pytest.skip(reason)
    monitoring_images.add_to(node, docker)
    before = node.objects()
    said = cluster(*cluster.up, "--monitoring=light", "--apply")
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
