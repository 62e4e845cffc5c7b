"""One budget of memory for everything on a machine: control plane, kubelet, monitoring, and samovar with a real coding model.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import shutil
import threading
from pathlib import Path

import pytest

import cgroup
from cluster_node import NAMESPACE
from harness import model_path
from mixed_load import MixedLoad
from networks import network_of

MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
BUDGET = 8 << 30
POD_MIB = 5888  # what `samovar cluster up` leaves to the pod of 8 GiB, beside light monitoring
MINUTES = 10
SAMPLE_SECONDS = 5
EXPECTED = {200, 413, 429, 503, "unfinished"}


@pytest.fixture(scope="module")
def coder(tmp_path_factory):
    """A folder with the model, whose pages are in nobody's account yet."""
    folder = tmp_path_factory.mktemp("coder")
    for above in (folder, *folder.parents[:3]):
        above.chmod(0o755)
    copy = folder / "coder.gguf"
    shutil.copyfile(model_path(MODEL), copy)
    with open(copy, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return folder


@pytest.fixture
def budget(node):
    """The folder of the cluster's cgroup of the memory controller, limited."""
    cgroup.limit_memory(node.memory_cgroup, BUDGET)
    yield node.memory_cgroup
    cgroup.limit_memory(node.memory_cgroup, None)


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return next((int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:")), 0)


class Ledger:
    """The most that each part has taken at once, in bytes, sampled until stop()."""

    def __init__(self, node, pods):
        self.node, self.pods, self.most = node, pods, {}
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.sample)
        self.thread.start()

    def parts(self):
        """RETURNS {part: bytes}: resident sets of processes, the cgroups of pods, and all, where what several map counts once."""
        services = {int(file.read_text()): file.stem for file in Path(self.node.run).glob("*.pid")}
        parts = {}
        for pid in map(int, (self.node.memory_cgroup / "services/cgroup.procs").read_text().split()):
            name = services.get(pid, "containerd's shims")
            parts[name] = parts.get(name, 0) + resident_bytes(pid)
        for name, folder in self.pods.items():
            parts[name] = cgroup.memory_in_use(folder)
        parts["all"] = cgroup.memory_in_use(self.node.memory_cgroup)
        return parts

    def sample(self):
        while not self.ending.wait(SAMPLE_SECONDS):
            for name, n_bytes in self.parts().items():
                self.most[name] = max(self.most.get(name, 0), n_bytes)

    def stop(self):
        self.ending.set()
        self.thread.join()

    def table(self):
        lines = [f"| {name} | {n_bytes / 1e6:,.0f} |" for name, n_bytes in sorted(self.most.items(), key=lambda item: -item[1])]
        return "\n".join(["| part | MB at most |", "|---|--:|", *lines])


def pod_cgroups(node):
    """RETURNS {name: folder} of all pods."""
    found = {}
    for pod in json.loads(node.kubectl("get", "pods", "-A", "-o", "json"))["items"]:
        uid = pod["metadata"]["uid"]
        folders = [folder for folder in (node.memory_cgroup / "kubepods").rglob(f"*pod{uid}*") if folder.is_dir()]
        found["pod " + pod["metadata"]["name"]] = min(folders, key=lambda folder: len(folder.parts))
    return found


def plan_of(node, pod):
    """RETURNS what the pod's init container has planned."""
    arguments = json.loads(node.jsonpath("{.spec.initContainers[?(@.name=='plan')].args}", "pod", pod))
    arguments = [word for word in arguments if word != "--check"]
    return json.loads(node.kubectl("exec", pod, "--", "/usr/bin/samovar", *arguments, "--json"))


def restarts(node):
    pods = json.loads(node.kubectl("get", "pods", "-A", "-o", "json"))["items"]
    return sum(status["restartCount"] for pod in pods for status in pod["status"].get("containerStatuses", []))


@pytest.mark.large
def test_everything_fits_into_eight_gibibytes(node, cluster, kube_prometheus, prometheus_images, coder, budget):
    cluster(*cluster.up, "/models/coder.gguf", f"--models={coder}", "--ctx-size=0", f"--memory={POD_MIB}M", "--monitoring=light",
            "--apply")
    plan = plan_of(node, "llama-server-0")
    before = restarts(node)
    ledger = Ledger(node, pod_cgroups(node))
    address = node.service_url("llama-server").removeprefix("http://")
    try:
        with network_of(NAMESPACE):
            counts = MixedLoad(address, plan, MINUTES * 60).run()
    finally:
        ledger.stop()
    print(ledger.table())
    print(f"context {plan['context']} x {plan['slots']}, planned {plan['total_bytes'] / 1e6:,.0f} MB; {dict(counts)}")
    kills = {str(folder): cgroup.oom_kills(folder) for folder in [budget, *budget.rglob("*")]
             if (folder / "memory.stat").exists()}
    assert {folder: n for folder, n in kills.items() if n} == {}
    assert restarts(node) == before
    assert {status for _, status in counts} <= EXPECTED
    cluster("down", "--apply")
