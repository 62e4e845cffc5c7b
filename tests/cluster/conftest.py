"""A docker daemon, the image that is built with it, and a store with the small model.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import subprocess

import pytest

from cluster_node import ClusterNode
from docker_daemon import Docker
from harness import ROOT

VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
IMAGE = f"localhost/samovar:{VERSION}"


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
