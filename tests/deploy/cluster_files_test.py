"""The files that `samovar cluster up` gives to kubectl, beside what the chart makes of the same values.

SPDX-License-Identifier: Apache-2.0
"""

import re

import pytest

from deployment import manifests, render, run

FOLDER = "/var/lib/samovar-host/cluster/release"


def files_of(samovar, tmp_path, *options):
    """Writes the files of a dry run to a folder. RETURNS the folder."""
    said = samovar.output("cluster", "up", *options, "--kubeconfig=none").decode()
    for path, text in re.findall(r"^write (\S+):\n((?:    .*\n)*)", said, re.M):
        if path.startswith(FOLDER):
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
        assert ours[name] == manifest, name
