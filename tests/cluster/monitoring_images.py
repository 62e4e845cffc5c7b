"""Images of kube-prometheus v0.16.0 by the names in its manifests, made here of the programs' own sources; Grafana is a stand-in.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil

from cluster_node import TOOLS

# image -> the program in it (tools/cluster_tools.sh builds them)
IMAGES = {
    "quay.io/prometheus-operator/prometheus-operator:v0.85.0": "operator",
    "quay.io/prometheus-operator/prometheus-config-reloader:v0.85.0": "prometheus-config-reloader",
    "quay.io/brancz/kube-rbac-proxy:v0.19.1": "kube-rbac-proxy",
    "quay.io/prometheus/prometheus:v3.5.0": "prometheus",
    "grafana/grafana:12.1.0": "stand_in_grafana",
}


def what_is_missing():
    """The first program that is not here; empty if all are."""
    for program in IMAGES.values():
        if not os.access(TOOLS / "bin" / program, os.X_OK):
            return f"no {program} here (tools/cluster_tools.sh builds it)"
    return ""


def add_to(node, docker):
    for image, program in IMAGES.items():
        folder = f"{node.folder}/{program}"
        os.makedirs(folder)
        shutil.copy(TOOLS / "bin" / program, folder)
        with open(f"{folder}/Dockerfile", "w", encoding="utf-8") as file:
            file.write(f'FROM scratch\nCOPY {program} /bin/{program}\nENTRYPOINT ["/bin/{program}"]\n')
        docker.output("build", "-t", image, folder)
        node.add_image(docker, image)
