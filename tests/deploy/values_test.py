"""The chart's values: a wrong one is refused with a sentence.

SPDX-License-Identifier: Apache-2.0
"""

import json

import pytest
import yaml

from deployment import CHART, ROOT, template

# what is set -> what the refusal says
REFUSED = {
    "kv=q9": "at '/kv': value must be one of 'i16', 'q8_0', 'f16', 'f32'",
    "contxt=4096": "additional properties 'contxt' not allowed",
    "store.kind=pvc": "at '/store': additional properties 'kind' not allowed",
    "context=-1": "at '/context': minimum: got -1, want 0",
    "context=8k": "at '/context': got string, want integer",
    "parallel=0": "at '/parallel': minimum: got 0, want 1",
    "model=": "at '/model'",
    "model=--help": "at '/model'",
    "model=/etc/passwd": "model: expected a name or a path below /models, found /etc/passwd",
    "user=0": "at '/user': minimum: got 0, want 1",
    "store.type=nfs": "at '/store/type': value must be one of 'pvc', 'hostPath', 'emptyDir', 'image'",
    "store.hostPath=models": "at '/store/hostPath'",
    "resources.limits.memory=3GB": "at '/resources/limits/memory': '3GB' does not match",
    "resources.limits.memory=null": "resources",
    "resources.requests.memory=3Gi": "resources.requests.memory: expected at most resources.limits.memory (2560Mi), found 3Gi",
    "resources.requests.memory=2560Mi": "swap: true needs resources.requests.memory below resources.limits.memory (2560Mi)",
    "swap=false": "swap: false needs resources.requests.memory equal to resources.limits.memory (2560Mi) or absent, found 1792Mi",
    "terminationGracePeriodSeconds=39": "terminationGracePeriodSeconds: expected at least 40",
    "auth.keys={two words}": "at '/auth/keys/0'",
    "auth.keys={k},auth.existingSecret=s": "auth: expected keys or existingSecret, found both",
    "ingress.enabled=true": "ingress.hosts: expected at least one name, found none",
    "autoscaling.enabled=true,autoscaling.minReplicas=4": "autoscaling.maxReplicas: expected at least",
    "service.port=70000": "at '/service/port': maximum: got 70,000, want 65,535",
    "cacheTokens=-1": "at '/cacheTokens': minimum: got -1, want 0",
    "batchSize=64k": "at '/batchSize': got string, want integer",
    "extraArgs={--port,http}": "extraArgs: --port: probes, Service and ServiceMonitor ask 0.0.0.0:8080",
    "extraArgs={--no-ui,--host=127.0.0.1}": "extraArgs: --host: probes",
    "extraArgs={--api-prefix=/llm}": "extraArgs: --api-prefix: probes",
    "extraArgs={--cache-tokens=4096}": "extraArgs: --cache-tokens: set the value cacheTokens",
    "extraArgs={--batch-size=64}": "extraArgs: --batch-size: set the value batchSize",
    "extraArgs={-b64}": "extraArgs: -b: set the value batchSize",
    "extraArgs={--ctx-size=4096}": "extraArgs: --ctx-size: set the value context",
    "extraArgs={-c4096}": "extraArgs: -c: set the value context",
    "extraArgs={-np=4}": "extraArgs: -np: set the value parallel",
    "extraArgs={-ctk=q8_0}": "extraArgs: -ctk: set the value kv",
    "extraArgs={-hf=me/model}": "extraArgs: -hf: set the value model",
    "extraArgs={--drain=300}": "extraArgs: --drain: set the value shutdown.drainSeconds",
    "extraArgs={--api-key=K}": "extraArgs: --api-key: set the value auth.keys",
    "extraArgs={--api-key-file,/keys}": "extraArgs: --api-key-file: set the value auth.existingSecret",
    "model=null": "missing property 'model'",
    "replicas=null": "missing property 'replicas'",
    "store.size=null": "at '/store': missing property 'size'",
    "store.hostPath=null": "at '/store': missing property 'hostPath'",
    "store=null": "missing property 'store'",
    "fullnameOverride=1st": "name: expected a letter, then a-z, 0-9 and -, as a Service's name must be, found 1st: set fullnameOverride",
    "monitoring.interval=often": "at '/monitoring/interval'",
}


@pytest.mark.parametrize("values", REFUSED)
def test_a_wrong_value_is_refused_with_a_sentence(values):
    result = template("--set", values)
    assert result.returncode != 0
    assert REFUSED[values] in result.stderr


# What the templates leave out where it is empty.
MAY_BE_MISSING = {
    "extraArgs", "extraEnv", "image.tag", "image.pullSecrets", "resources.requests", "resources.requests.cpu",
    "resources.requests.memory", "store.storageClass", "store.existingClaim", "auth.keys", "auth.existingSecret", "service.nodePort",
    "service.annotations", "ingress.className", "ingress.annotations", "ingress.hosts", "ingress.tls", "networkPolicy.from",
    "networkPolicy.egress", "monitoring.labels", "podAnnotations", "podLabels", "nodeSelector", "tolerations", "affinity",
    "topologySpreadConstraints", "priorityClassName", "fullnameOverride"}


def all_values():
    """The names of all values, as --set takes them."""
    def names(value, prefix):
        for name, inner in value.items():
            yield prefix + name
            if isinstance(inner, dict):
                yield from names(inner, f"{prefix}{name}.")

    return list(names(yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8")), ""))


def test_a_value_that_is_null_is_refused_or_left_out():
    for name in all_values():
        is_request = name in ("resources.requests", "resources.requests.memory")
        result = template("--set", f"{name}=null", *(["--set", "swap=false"] if is_request else []))
        if name in MAY_BE_MISSING:
            assert result.returncode == 0, f"{name}: {result.stderr}"
        else:
            assert f"missing property '{name.rsplit('.', 1)[-1]}'" in result.stderr, name


@pytest.mark.parametrize("words", ["-cb", "--cache-reuse=256", "--api-key-less", "--alias=coder,--no-ui", "-mu=x"])
def test_a_flag_that_only_begins_like_one_of_the_charts_is_taken(words):
    assert template("--set", f"extraArgs={{{words}}}").returncode == 0


@pytest.mark.parametrize("release", ["1st", "first.second"])
def test_a_release_whose_name_no_service_can_have_is_refused_with_the_way_out(release):
    result = template(release=release)
    assert result.returncode != 0
    assert f"found {release}: set fullnameOverride" in result.stderr
    assert template("--set", "fullnameOverride=llm", release=release).returncode == 0


def test_every_value_has_a_schema():
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

    def compare(where, value, described):
        if "properties" not in described:
            return
        assert described["additionalProperties"] is False, where
        for name in value:
            assert name in described["properties"], f"{where}.{name}"
            if isinstance(value[name], dict):
                compare(f"{where}.{name}", value[name], described["properties"][name])

    compare("values", values, schema)


def test_the_guide_names_every_value():
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    guide = (ROOT / "docs/guides/kubernetes.md").read_text(encoding="utf-8")
    assert [name for name in values if f"`{name}" not in guide] == []
