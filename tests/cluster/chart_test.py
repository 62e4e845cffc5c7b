"""The chart on a real Kubernetes: chats, probes, scaling, upgrades and ends, and nothing left of it.

What counts what the HPA asks for is custom_metrics.py, in place of prometheus-adapter.
SPDX-License-Identifier: Apache-2.0
"""

import re
import shutil
import subprocess
import sys

import pytest

from cluster_node import TOOLS
from custom_metrics import GROUP
from harness import ROOT

CHART = ROOT / "deploy/helm/samovar"
PLAIN = ROOT / "deploy/k8s/llama-server.yaml"
# The node has no way out, so the model can't be fetched: it lies in a folder there.
WITHOUT_A_WAY_OUT = {"qwen2.5-coder:1.5b": "/models/small.gguf", "emptyDir: {sizeLimit: 4Gi}": "hostPath: {path: MODELS, type: Directory}"}
POD = "llama-server-0"
ADAPTER_PORT = 6444
ADAPTER = f"""
apiVersion: v1
kind: Service
metadata: {{name: custom-metrics, namespace: kube-system}}
spec: {{ports: [{{port: 443, targetPort: {ADAPTER_PORT}}}]}}
---
apiVersion: v1
kind: Endpoints
metadata: {{name: custom-metrics, namespace: kube-system}}
subsets: [{{addresses: [{{ip: 10.250.0.1}}], ports: [{{port: {ADAPTER_PORT}}}]}}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {{name: v1beta2.custom.metrics.k8s.io}}
spec:
  group: custom.metrics.k8s.io
  version: v1beta2
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {{name: custom-metrics, namespace: kube-system}}
"""
VOLUME = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {{name: samovar-test}}
provisioner: kubernetes.io/no-provisioner
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolume
metadata: {{name: samovar-test}}
spec:
  storageClassName: samovar-test
  capacity: {{storage: 1Gi}}
  accessModes: [ReadWriteOnce]
  hostPath: {{path: {folder}, type: Directory}}
"""


class Release:
    """helm with the chart, under the name llama-server."""

    def __init__(self, node, models):
        self.node = node
        self.values = {"model": "/models/small.gguf", "context": 1024, "store.type": "hostPath", "store.hostPath": models,
                       "resources.limits.memory": "1Gi", "resources.requests.memory": "700Mi", "resources.requests.cpu": "100m"}

    def helm(self, command, *arguments, **options):
        return self.node.output("helm", f"--kubeconfig={self.node.kubeconfig}", command, *arguments, **options)

    def with_values(self, values):
        return [word for name, value in {**self.values, **values}.items() for word in ("--set", f"{name}={value}")]

    def install(self, *options, **values):
        """`values`: with dots written as two underscores."""
        values = {name.replace("__", "."): value for name, value in values.items()}
        self.helm("upgrade", "--install", "llama-server", CHART, *(options or ["--wait", "--timeout=3m"]),
                  *self.with_values(values))
        return self.node.service_url("llama-server")

    def pod(self, path, name=POD):
        return self.node.jsonpath(path, "pod", name)

    def ready_pods(self):
        return int(self.node.jsonpath("{.status.readyReplicas}", "statefulset", "llama-server") or 0)

    def uninstall(self):
        # Not with helm's --wait, which now and then takes what is being deleted for an error.
        self.helm("uninstall", "llama-server", "--ignore-not-found", "--cascade=foreground")
        self.node.kubectl("wait", "--for=delete", "statefulset/llama-server", "--timeout=3m")


@pytest.fixture(scope="module")
def node_with_image(docker, image, node):
    node.add_image(docker, image)
    return node


@pytest.fixture
def release(node_with_image, models):
    """Uninstalled at the end, and then nothing of it is left."""
    before = node_with_image.objects()
    release = Release(node_with_image, models)
    yield release
    release.uninstall()
    node_with_image.wait_until("nothing is left", lambda: node_with_image.objects() == before, seconds=60)


@pytest.fixture
def custom_metrics(node):
    """custom.metrics.k8s.io, until the end of the test."""
    key, certificate = f"{node.folder}/adapter.key", f"{node.folder}/adapter.crt"
    node.output("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-subj",
                "/CN=custom-metrics", "-days", "1")
    adapter = node.background(sys.executable, ROOT / "tests/cluster/custom_metrics.py", ADAPTER_PORT, certificate, key,
                              TOOLS / "bin/kubectl", node.kubeconfig)
    node.apply(ADAPTER)
    node.wait_until("custom metrics", lambda: node.enter(
        "kubectl", f"--kubeconfig={node.kubeconfig}", "get", "--raw", f"/apis/{GROUP}").returncode == 0)
    yield
    try:
        node.output("kubectl", f"--kubeconfig={node.kubeconfig}", "delete", "--ignore-not-found", "-f", "-", input=ADAPTER)
        node.wait_until("no custom metrics", lambda: GROUP not in node.kubectl("api-versions"))
    finally:
        adapter.terminate()
        adapter.wait()


def test_a_release_chats_and_counts(release, node):
    url = release.install()
    assert node.ask(f"{url}/v1", "What is the capital of France?")
    counted = node.output("curl", "-sSf", f"{url}/metrics")
    assert float(re.search(r"^llamacpp:tokens_predicted_total (\S+)", counted, re.M)[1]) > 0
    assert "Phase:          Succeeded" in release.helm("test", "llama-server")
    assert release.pod("{.status.qosClass}") == "Burstable"
    plan = node.kubectl("logs", POD, "-c", "plan")
    assert re.search(r"of 102[34] MiB", plan), plan  # the limit, without what the container holds already


def test_the_plain_manifests_take_kubectl_alone_and_go_with_it(node_with_image, models):
    node, file = node_with_image, f"{node_with_image.folder}/llama-server.yaml"
    text = PLAIN.read_text(encoding="utf-8")
    for word, instead in WITHOUT_A_WAY_OUT.items():
        assert word in text
        text = text.replace(word, instead.replace("MODELS", str(models)))
    with open(file, "w", encoding="utf-8") as out:
        out.write(text)
    before = node.objects()
    try:
        node.kubectl("apply", "-f", file)
        node.kubectl("rollout", "status", "statefulset/llama-server", "--timeout=3m")
        assert node.ask(f"{node.service_url('llama-server')}/v1", "What is the capital of France?")
    finally:
        node.kubectl("delete", "-f", file, "--ignore-not-found", "--cascade=foreground", "--timeout=3m")
    node.wait_until("nothing is left", lambda: node.objects() == before, seconds=60)


def test_a_limit_below_the_plan_never_starts_and_says_why(release, node):
    release.install("--timeout=1m", resources__limits__memory="200Mi", resources__requests__memory="100Mi")
    node.wait_until("the plan refuses", lambda: release.pod("{.status.initContainerStatuses[0].lastState.terminated.exitCode}"))
    said = node.kubectl("logs", POD, "-c", "plan")
    assert "weights" in said and "the cgroup's limit is 200 MiB" in said, said
    assert release.pod("{.status.containerStatuses[0].started}") == "false"


def test_a_missing_folder_of_models_is_named(release, node):
    release.install("--timeout=1m", store__hostPath="/srv/there-is-none")
    node.wait_until("the event", lambda: "/srv/there-is-none is not a directory" in node.kubectl("get", "events"))


def test_keys_are_asked_for(release, node):
    url = release.install(auth__keys="{secret}")
    refused = node.enter("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"{url}/v1/models")
    assert refused.stdout == "401"
    node.output("curl", "-sSf", "-H", "Authorization: Bearer secret", f"{url}/v1/models")


def test_a_volume_of_its_own_is_kept_by_the_pod_and_deleted_with_the_release(release, node, models):
    folder = f"{node.folder}/volume"
    shutil.copytree(models, folder)
    node.apply(VOLUME.format(folder=folder))
    url = release.install(store__type="pvc", store__storageClass="samovar-test", store__size="1Gi")
    assert node.jsonpath("{.status.phase}", "pvc", f"models-{POD}") == "Bound"
    node.kubectl("delete", "pod", POD)
    node.kubectl("rollout", "status", "statefulset/llama-server", "--timeout=120s")
    assert node.ask(f"{url}/v1", "What is the capital of France?")
    release.uninstall()
    node.wait_until("the claim is gone", lambda: not node.kubectl("get", "pvc", "-o", "name"))
    node.kubectl("delete", "pv/samovar-test", "storageclass/samovar-test")


def test_a_server_that_is_killed_under_load_comes_back(release, node):
    url = release.install()
    container = release.pod("{.status.containerStatuses[0].containerID}").removeprefix("containerd://")
    with node.clients(url, 4) as counts:
        node.wait_until("it works", lambda: "llamacpp:requests_processing 2" in node.output("curl", "-sSf", f"{url}/metrics"))
        subprocess.run(["ctr", "-a", node.containerd, "-n", "k8s.io", "tasks", "kill", "-s", "SIGKILL", container], check=True)
        node.wait_until("it is started anew", lambda: release.pod("{.status.containerStatuses[0].restartCount}") == "1")
        seconds = node.wait_until("it is ready again", lambda: release.pod("{.status.containerStatuses[0].ready}") == "true")
        print(f"ready again after {seconds:.1f} s")
        assert node.ask(f"{url}/v1", "What is the capital of France?")
    assert counts["answered"] and counts["failed"]


def test_an_upgrade_of_two_pods_fails_no_request(release, node):
    url = release.install(replicas=2)
    before = release.pod("{.metadata.uid}"), release.pod("{.metadata.uid}", "llama-server-1")
    with node.clients(url, 4) as counts:
        release.install(replicas=2, podAnnotations__round="two")
    after = release.pod("{.metadata.uid}"), release.pod("{.metadata.uid}", "llama-server-1")
    assert not set(before) & set(after)
    print(f"{counts['answered']} requests answered while both pods were replaced")
    assert counts["failed"] == [] and counts["answered"] > 10


def test_requests_that_wait_bring_pods_and_their_end_takes_them_away(release, node, custom_metrics):
    url = release.install(autoscaling__enabled="true", autoscaling__scaleDownSeconds=0)
    with node.clients(url, 12) as counts:
        print(f"2 pods ready after {node.wait_until('a second pod', lambda: release.ready_pods() >= 2):.1f} s")
    assert counts["failed"] == []
    print(f"1 pod after {node.wait_until('one pod', lambda: release.ready_pods() == 1):.1f} s")


def test_a_drained_node_lets_the_answers_finish_and_gets_its_pod_back(release, node):
    url = release.install()
    with node.clients(url, 1, tokens=64) as counts:
        node.wait_until("it works", lambda: "llamacpp:requests_processing 1" in node.output("curl", "-sSf", f"{url}/metrics"))
        node.kubectl("drain", "node0", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s")
    assert counts["answered"] and all("refused" in what or "unreachable" in what for what in counts["failed"]), counts
    node.kubectl("uncordon", "node0")
    node.wait_until("it answers again", lambda: node.enter("curl", "-sf", f"{url}/readyz").returncode == 0)
    assert node.ask(f"{url}/v1", "What is the capital of France?")
