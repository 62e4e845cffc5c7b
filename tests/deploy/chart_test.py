"""The Helm chart: what it renders.

SPDX-License-Identifier: Apache-2.0
"""

import json

import pytest
import yaml

from deployment import CHART, ROOT, RULES, one, render, run
from kinds_of_values import EVERYTHING, KINDS_OF_VALUES


def pod_of(rendered):
    return one(rendered, "StatefulSet")["spec"]["template"]["spec"]


def server_of(rendered):
    return pod_of(rendered)["containers"][0]


def test_helm_lint_is_content():
    result = run("helm", "lint", "--strict", CHART)
    assert result.returncode == 0, result.stdout


def test_the_version_is_the_programs():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    version = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
    assert chart["version"] == chart["appVersion"] == version


def test_a_release_named_llama_server_has_a_pod_named_llama_server_0():
    rendered = render()
    assert one(rendered, "StatefulSet")["metadata"]["name"] == "llama-server"
    assert one(rendered, "Service", "llama-server")["spec"]["ports"][0]["port"] == 8080


def test_a_long_release_name_leaves_room_for_what_kubernetes_adds():
    name = one(render(release="a" * 53), "StatefulSet")["metadata"]["name"]
    assert len(name) == 52


@pytest.mark.parametrize("options", KINDS_OF_VALUES.values(), ids=KINDS_OF_VALUES)
def test_no_container_runs_as_root_or_writes_to_its_image(options):
    rendered = render(*options)
    for pod in (pod_of(rendered), one(rendered, "Pod")["spec"]):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        for container in pod.get("initContainers", []) + pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
            assert container["resources"]["limits"]["memory"]
            assert "command" not in container, "the image's own program runs: there is no shell"


def test_startup_readiness_and_liveness_are_three_questions():
    server = server_of(render("--set", "probes.startupSeconds=60"))
    assert server["startupProbe"] == {"httpGet": {"path": "/readyz", "port": "http"}, "periodSeconds": 2, "failureThreshold": 30}
    assert server["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert server["livenessProbe"]["httpGet"]["path"] == "/livez"


def test_the_plan_is_checked_inside_the_servers_limit_with_the_servers_figures():
    rendered = render("--set", "context=4096", "--set", "parallel=3")
    server, plan = server_of(rendered), pod_of(rendered)["initContainers"][-1]
    assert plan["args"][:2] == ["plan", "--check"]
    assert plan["args"][2:] == server["args"][1:5] == ["qwen2.5-coder:1.5b", "--ctx-size=4096", "--parallel=3", "--kv=i16"]
    assert plan["resources"] == server["resources"]
    assert plan["env"] == server["env"]


def test_the_plan_knows_the_size_of_cache_and_batch_that_the_server_gets():
    rendered = render("--set", "cacheTokens=4096", "--set", "batchSize=64")
    server, plan = server_of(rendered), pod_of(rendered)["initContainers"][-1]
    assert plan["args"][2:] == server["args"][1:7]
    assert plan["args"][-2:] == ["--cache-tokens=4096", "--batch-size=64"]


def test_the_default_request_covers_the_plan_and_leaves_room_for_swap():
    resources = server_of(render())["resources"]
    assert resources["requests"]["memory"] == "1792Mi" and resources["limits"]["memory"] == "2560Mi"


def test_a_store_of_the_node_is_read_only_and_nothing_is_fetched():
    rendered = render("--set", "store.type=hostPath", "--set", "store.hostPath=/srv/models")
    pod = pod_of(rendered)
    assert [c["name"] for c in pod["initContainers"]] == ["plan"]
    assert {"name": "models", "hostPath": {"path": "/srv/models", "type": "Directory"}} in pod["volumes"]
    for container in pod["initContainers"] + pod["containers"]:
        assert {"name": "models", "mountPath": "/models", "readOnly": True} in container["volumeMounts"]
        assert {"name": "HF_HUB_OFFLINE", "value": "1"} in container["env"]
    assert one(rendered, "NetworkPolicy")["spec"]["egress"] == []


def test_claims_go_with_the_release_unless_they_are_to_stay():
    policy = one(render(), "StatefulSet")["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert policy == {"whenDeleted": "Delete", "whenScaled": "Retain"}
    policy = one(render("--set", "store.whenDeleted=Retain"), "StatefulSet")["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert policy["whenDeleted"] == "Retain"


def test_keys_are_in_a_secret_and_nowhere_else():
    rendered = render(*EVERYTHING)
    secret = one(rendered, "Secret")
    assert secret["stringData"] == {"api-keys": "key-one\nkey-two", "metrics-key": "key-one"}
    others = json.dumps([manifest for manifest in rendered if manifest["kind"] != "Secret"])
    assert "key-one" not in others and "key-two" not in others
    assert "--api-key-file=/keys/api-keys" in server_of(rendered)["args"]
    assert "--insecure-open" not in server_of(rendered)["args"]
    endpoint = one(rendered, "ServiceMonitor")["spec"]["endpoints"][0]
    assert endpoint["authorization"]["credentials"] == {"name": "llama-server-keys", "key": "metrics-key"}


def test_other_keys_restart_the_pods():
    def checksum(keys):
        template_ = one(render("--set", f"auth.keys={{{keys}}}"), "StatefulSet")["spec"]["template"]
        return template_["metadata"]["annotations"]["checksum/keys"]

    assert checksum("a") != checksum("b")


def test_the_pod_leaves_the_service_before_the_server_drains():
    rendered = render("--set", "shutdown.preStopSeconds=7", "--set", "shutdown.drainSeconds=20")
    assert server_of(rendered)["lifecycle"]["preStop"] == {"sleep": {"seconds": 7}}
    assert "--drain=20" in server_of(rendered)["args"]
    assert pod_of(rendered)["terminationGracePeriodSeconds"] == 45


def test_variables_of_services_never_reach_the_server():
    # A Service named samovar would set SAMOVAR_PORT=tcp://..., which the server reads as --port.
    assert pod_of(render(release="samovar"))["enableServiceLinks"] is False


def test_the_autoscaler_and_not_the_chart_says_how_many_pods_there_are():
    rendered = render("--set", "autoscaling.enabled=true")
    assert "replicas" not in one(rendered, "StatefulSet")["spec"]
    metrics = one(rendered, "HorizontalPodAutoscaler")["spec"]["metrics"]
    assert [m["pods"]["metric"]["name"] for m in metrics] == ["requests_deferred", "requests_processing"]


def test_only_one_service_is_scraped():
    rendered = render("--set", "monitoring.enabled=true")
    wanted = one(rendered, "ServiceMonitor")["spec"]["selector"]["matchLabels"].items()
    scraped = [m["metadata"]["name"] for m in rendered
               if m["kind"] == "Service" and wanted <= m["metadata"]["labels"].items()]
    assert scraped == ["llama-server"]


def test_prometheus_may_look_for_targets_where_the_release_is():
    rendered = render("--set", "monitoring.enabled=true", "--set", "monitoring.namespace=watch", "--namespace", "mine")
    binding = one(rendered, "RoleBinding")
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "prometheus-k8s", "namespace": "watch"}]
    assert binding["roleRef"]["name"] == one(rendered, "Role")["metadata"]["name"]
    assert one(rendered, "ConfigMap")["metadata"]["namespace"] == "watch"


def test_the_charts_alerts_are_the_tested_ones():
    rules = one(render("--set", "monitoring.enabled=true"), "PrometheusRule")
    assert rules["spec"] == yaml.safe_load(RULES.read_text(encoding="utf-8"))
