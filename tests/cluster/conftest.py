"""A docker daemon, the image that is built with it, and a store with the small model.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import subprocess

import pytest

import monitoring_images
from cluster_node import STATE, TOOLS, ClusterNode
from docker_daemon import Docker
from harness import ROOT

VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
IMAGE = f"localhost/samovar:{VERSION}"
KUBE_PROMETHEUS = TOOLS / "kube-prometheus.tar.gz"


@pytest.fixture(scope="session")
def docker():
    folder = ROOT / "build/docker"  # kept: layers of an earlier build save minutes
    folder.mkdir(parents=True, exist_ok=True)
    daemon = Docker(folder)
    yield daemon
    daemon.stop()


@pytest.fixture(scope="session")
def image(docker):
    """The image's name."""
    docker.build(ROOT, IMAGE)
    return IMAGE


@pytest.fixture(scope="session")
def node(docker):
    """A Kubernetes of one node."""
    node = ClusterNode(docker)
    yield node
    node.down()


@pytest.fixture(scope="session")
def models(tmp_path_factory, small_model):
    """A folder with the small model, which everybody may read."""
    folder = tmp_path_factory.mktemp("models", numbered=False)
    shutil.copyfile(small_model, folder / "small.gguf")
    for above in (folder, *folder.parents):
        if above.owner() != "root" or not os.access(above, os.W_OK):
            break
        subprocess.run(["chmod", "a+rx", above], check=True)
    return folder


@pytest.fixture(scope="session")
def image_file(docker, image, node):
    tar = f"{node.folder}/samovar.tar"
    docker.output("save", "-o", tar, image)
    return tar


@pytest.fixture
def cluster(node, samovar, image_file):
    """cluster(command, *arguments): `samovar cluster` there. RETURNS stdout. cluster.up: the arguments for this node."""
    if os.path.exists(STATE):
        pytest.skip(f"{STATE} is there: this machine is somebody's host or cluster")

    def run(command, *arguments, **options):
        return node.output(samovar.binary, "cluster", command, *arguments, **options)

    run.up = ["up", f"--kubeconfig={node.kubeconfig}", f"--image={image_file}", f"--containerd={node.containerd}"]
    yield run
    if os.path.exists(STATE):  # a test that failed in the middle
        node.enter(samovar.binary, "cluster", "down", "--apply")
        shutil.rmtree(STATE, ignore_errors=True)


@pytest.fixture
def kube_prometheus(node):
    """The cluster has no way out: what `curl` would fetch lies here."""
    if not KUBE_PROMETHEUS.exists():
        pytest.skip("kube-prometheus can't be fetched here")
    os.makedirs(f"{node.folder}/bin", exist_ok=True)
    with open(f"{node.folder}/bin/curl", "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\ncase "$*" in\n  *kube-prometheus*) cp {KUBE_PROMETHEUS} "$4" ;;\n'
                   '  *) exec /usr/bin/curl "$@" ;;\nesac\n')
    os.chmod(f"{node.folder}/bin/curl", 0o755)


@pytest.fixture(scope="session")
def prometheus_images(node, docker):
    """What kube-prometheus runs is there, so that its pods start."""
    reason = monitoring_images.what_is_missing()
    if reason:
        pytest.skip(reason)
    monitoring_images.add_to(node, docker)
