"""The files of deploy/ and the tools that check them.

SPDX-License-Identifier: Apache-2.0
"""

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm/samovar"
DASHBOARD = DEPLOY / "grafana/samovar.json"
RULES = DEPLOY / "prometheus/rules.yaml"
TOOLS = ROOT / "build/deploy-tools"

# The ten series that a board of 2024 for llama-server asks for, by their bare names.
BOARD_OF_2024 = [f"llamacpp:{name}" for name in (
    "prompt_tokens_seconds", "predicted_tokens_seconds", "kv_cache_usage_ratio", "kv_cache_tokens",
    "requests_processing", "requests_deferred", "prompt_tokens_total", "tokens_predicted_total",
    "prompt_seconds_total", "tokens_predicted_seconds_total")]


def find_tool(name):
    """RETURNS the tool's path; None where there is none."""
    fetched = TOOLS / "bin" / name
    return str(fetched) if os.access(fetched, os.X_OK) else shutil.which(name)


def tool(name):
    """The tool's path; skips the test where there is none."""
    found = find_tool(name)
    if not found:
        pytest.skip(f"no {name} here: tools/deploy_tools.sh fetches it")
    return found


def run(name, *arguments, stdin=""):
    """RETURNS the finished process of a tool, whatever its exit code."""
    return subprocess.run([tool(name), *map(str, arguments)], input=stdin, capture_output=True, text=True, timeout=120)


@functools.cache
def template(*options, release="llama-server"):
    """`helm template` as a process."""
    return run("helm", "template", release, CHART, *options)


def render(*options, release="llama-server"):
    """RETURNS the chart's manifests, parsed."""
    rendered = template(*options, release=release)
    assert rendered.returncode == 0, rendered.stderr
    return manifests(rendered.stdout)


def manifests(text):
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


def one(rendered, kind, name=None):
    """The only manifest of that kind (and name)."""
    found = [m for m in rendered if m["kind"] == kind and name in (None, m["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of kind {kind}"
    return found[0]


def dashboard_panels():
    """The dashboard's panels that ask something."""
    panels = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return [panel for panel in panels if panel["type"] != "row"]


def dashboard_queries(window="1m"):
    """(panel's title, expression) of each query, its variables replaced as Grafana does for "All"."""
    return [(panel["title"], replace_variables(target["expr"], window))
            for panel in dashboard_panels() for target in panel["targets"]]


def replace_variables(expression, window):
    return expression.replace("$__rate_interval", window).replace("$namespace", ".*").replace("$pod", ".*")
