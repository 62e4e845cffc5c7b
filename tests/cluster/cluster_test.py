"""`samovar cluster` on a real Kubernetes: up, a chat through the Service, another model, down.

k0s itself can't be had here: the same code, minus k0s, works on the cluster of node.sh. Prometheus and Grafana have no images
here either: their manifests are applied and removed, their pods do not start.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import shutil

import pytest

from cluster_node import TOOLS, ClusterNode

STATE = "/var/lib/samovar-host"
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


def test_monitoring_is_installed_light_and_removed(node, cluster):
    if not ARCHIVE.exists():
        pytest.skip("kube-prometheus can't be fetched here")
    before = node.objects()
    # The cluster has no way out: what `curl` would fetch lies here.
    os.makedirs(f"{node.folder}/bin", exist_ok=True)
    with open(f"{node.folder}/bin/curl", "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\ncase "$*" in\n  *kube-prometheus*) mkdir -p "$(dirname "$4")" && cp {ARCHIVE} "$4" ;;\n'
                   '  *) exec /usr/bin/curl "$@" ;;\nesac\n')
    os.chmod(f"{node.folder}/bin/curl", 0o755)
    cluster(*cluster.up, "--monitoring=light", "--no-wait", "--apply")
    get = lambda *what: node.kubectl("get", "-n", "monitoring", *what)
    assert get("prometheus", "k8s", "-o", "jsonpath={.spec.replicas} {.spec.alerting}").strip() == "1"
    mounts = get("deployment", "grafana", "-o", "jsonpath={.spec.template.spec.containers[0].volumeMounts[*].name}")
    assert "grafana-dashboard-samovar" in mounts.split()
    assert get("configmap", "grafana-dashboard-samovar", "-o", "name")
    assert node.kubectl("get", "servicemonitor", "llama-server", "-o", "name")
    assert "alertmanager" not in get("all", "-o", "name")
    said = cluster("status", f"--kubeconfig={node.kubeconfig}")
    assert "Grafana     http://" in said and "does not answer yet" in said

    cluster("down", "--apply")
    assert node.objects() == before
    assert not os.path.exists(STATE)
