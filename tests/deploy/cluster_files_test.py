"""The files that `samovar cluster up` gives to kubectl, beside what the chart makes of the same values.

SPDX-License-Identifier: Apache-2.0
"""

import io
import json
import re
import subprocess
import tarfile

import pytest

from deployment import ROOT, manifests, render, run

FOLDER = "/var/lib/samovar-host/cluster"
KUBE_PROMETHEUS = ROOT / "build/cluster-tools/kube-prometheus.tar.gz"


def files_of(samovar, tmp_path, *options, part="release"):
    """Writes the files of a dry run to a folder. RETURNS the folder."""
    said = samovar.output("cluster", "up", *options, "--kubeconfig=none").decode()
    for path, text in re.findall(r"^write (\S+):\n((?:    .*\n)*)", said, re.M):
        if path.startswith(f"{FOLDER}/{part}/"):
            (tmp_path / path.rsplit("/", 1)[1]).write_text(re.sub(r"^    ", "", text, flags=re.M), encoding="utf-8")
    return tmp_path


def built(folder):
    result = run("kubectl", "kustomize", folder)
    assert result.returncode == 0, result.stderr
    return manifests(result.stdout)


def by_name(found):
    """Without the marks that only helm's own releases have, and without a namespace that is the default one."""
    named = {}
    for manifest in found:
        labels = manifest["metadata"].get("labels", {})
        for mark in ("app.kubernetes.io/managed-by", "helm.sh/chart"):
            labels.pop(mark, None)
        named[manifest["kind"], manifest["metadata"]["name"]] = manifest
    return named


def in_order(value):
    """`value` with the lists sorted in which Kubernetes looks by name or mountPath: kustomize puts a patch's entries first."""
    if isinstance(value, dict):
        return {key: in_order(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    return sorted(map(in_order, value), key=lambda v: str(v.get("mountPath", v.get("name"))) if isinstance(v, dict) else "")


MODEL = ["--ctx-size=4096", "--parallel=3", "--kv=q8_0", "--memory=2000M"]
VALUES = ["model=smollm2:135m", "context=4096", "parallel=3", "kv=q8_0", "resources.limits.memory=2000Mi",
          "resources.requests.memory=1400Mi"]


@pytest.mark.parametrize("store, values", [
    ([], ["store.type=emptyDir", "store.size=4Gi"]),
    (["--models=/srv/models"], ["store.type=hostPath", "store.hostPath=/srv/models"]),
], ids=["fetched by the pod", "the node's"])
@pytest.mark.parametrize("monitored", [False, True], ids=["alone", "monitored"])
def test_they_are_what_the_chart_makes(samovar, tmp_path, store, values, monitored):
    monitoring = "light" if monitored else "none"
    folder = files_of(samovar, tmp_path, "smollm2:135m", *MODEL, *store, f"--monitoring={monitoring}")
    wanted = VALUES + values + [f"monitoring.enabled={str(monitored).lower()}"]
    chart = render("--skip-tests", "--namespace=default", *(word for value in wanted for word in ("--set", value)))
    ours, theirs = by_name(built(folder)), by_name(chart)
    assert ours.keys() == theirs.keys()
    for name, manifest in theirs.items():
        assert in_order(ours[name]) == in_order(manifest), name


@pytest.mark.parametrize("profile", ["light", "full"])
def test_the_monitoring_is_made_of_kube_prometheus_own_files(samovar, tmp_path, profile):
    if not KUBE_PROMETHEUS.exists():
        pytest.skip("no kube-prometheus here: tools/cluster_tools.sh fetches it")
    folder = files_of(samovar, tmp_path, f"--monitoring={profile}", part="monitoring")
    (folder / "kube-prometheus").mkdir()
    subprocess.run(["tar", "-xzf", KUBE_PROMETHEUS, "-C", folder / "kube-prometheus", "--strip-components=1"], check=True)
    result = run("kubectl", "kustomize", folder)
    assert result.returncode == 0, result.stderr
    made = set(re.findall(r"^kind: (\w+)\nmetadata:(?:\n  .*)*?\n  name: (\S+)", result.stdout, re.M))
    assert {("Prometheus", "k8s"), ("Deployment", "grafana"), ("Deployment", "prometheus-operator")} <= made
    assert (("DaemonSet", "node-exporter") in made) == (profile == "full")
    assert ("PodDisruptionBudget", "prometheus-k8s") not in made
    assert "name: grafana-dashboard-samovar" in result.stdout


def test_files_are_named_as_any_folder_finds_them(samovar, tmp_path):
    samovar.output("cluster", "image", tmp_path / "image.tar")
    command = [samovar.binary, "cluster", "up", "--kubeconfig=some/config", "--image=image.tar", "--models=rel",
               "--monitoring=none"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert f"kubectl --kubeconfig={tmp_path}/some/config apply" in said
    assert f"images import {tmp_path}/image.tar" in said
    assert f"env HF_HUB_CACHE={tmp_path}/rel " in said


@pytest.mark.parametrize("options, complaint", [
    (["/models/x.gguf"], "and none is named: --models FOLDER"),
    (["--memory=500K"], "--memory: expected 0 (what is left) or at least 1M, found 512000 bytes"),
    (["--image=/no/such.tar"], "/no/such.tar"),
    (["--image=/etc/passwd"], "/etc/passwd"),
], ids=["a path without its folder", "next to no memory", "no image", "no archive"])
def test_what_can_not_come_up_is_refused_before_anything_is_done(samovar, options, complaint):
    result = samovar.run("cluster", "up", *options, "--kubeconfig=none", "--monitoring=none")
    assert result.returncode not in (0, 134, 139)
    assert complaint in result.stderr.decode()


def test_an_image_runs_under_the_name_that_its_file_gives_it(samovar, tmp_path):
    tar = tmp_path / "coder.tar"
    with tarfile.open(tar, "w") as file:
        manifest = json.dumps([{"RepoTags": ["localhost/samovar:coder"]}]).encode()
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        file.addfile(member, io.BytesIO(manifest))
    made = built(files_of(samovar, tmp_path, f"--image={tar}", "--monitoring=none"))
    pod = next(m for m in made if m["kind"] == "StatefulSet")["spec"]["template"]["spec"]
    assert {c["image"] for c in pod["initContainers"] + pod["containers"]} == {"localhost/samovar:coder"}
