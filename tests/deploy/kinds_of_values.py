"""Kinds of values that the tests render the chart with: name -> options of helm.

SPDX-License-Identifier: Apache-2.0
"""

EVERYTHING = ["--set", "auth.keys={key-one,key-two}", "--set", "autoscaling.enabled=true", "--set", "monitoring.enabled=true",
              "--set", "ingress.enabled=true", "--set", "ingress.hosts={samovar.example.com}"]
KINDS_OF_VALUES = {
    "defaults": [],
    "everything on": EVERYTHING,
    "the node's own models, no swap": ["--set", "store.type=hostPath", "--set", "swap=false",
                                       "--set", "resources.requests.memory=2560Mi"],
    "a claim and a Secret that are there": ["--set", "store.existingClaim=models", "--set", "auth.existingSecret=keys",
                                            "--set", "monitoring.enabled=true"],
    "a volume that goes with the pod": ["--set", "store.type=emptyDir", "--set", "replicas=2", "--set", "service.type=NodePort",
                                        "--set", "service.nodePort=30080", "--set", "networkPolicy.from[0].podSelector.matchLabels.app=web"],
    "a model in the image, nothing optional": [
        "--set", "store.type=image", "--set", "planCheck=false", "--set", "networkPolicy.enabled=false",
        "--set", "podDisruptionBudget.enabled=false", "--set", "shutdown.preStopSeconds=0"],
}
