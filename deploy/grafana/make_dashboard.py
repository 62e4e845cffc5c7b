#!/usr/bin/env python3
"""Writes the Grafana dashboard from the tables below: make_dashboard.py [--check]

The dashboard is a file of the Helm chart; deploy/grafana/samovar.json is a link to it.
SPDX-License-Identifier: Apache-2.0
"""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

DASHBOARD = Path(__file__).resolve().parents[1] / "helm/samovar/files/dashboard.json"
CHOSEN = 'namespace=~"$namespace", pod=~"$pod"'
WINDOW = "$__rate_interval"
PROBES = "/livez|/readyz|/health|/v1/health|/metrics"
COLUMNS = 24  # of Grafana's grid


@dataclass(frozen=True)
class Panel:
    title: str
    unit: str  # as Grafana names units
    queries: list  # (expression, legend)
    about: str = ""
    kind: str = "timeseries"
    width: int = 8
    height: int = 8
    options: dict = field(default_factory=dict)


def now(name):
    """The series themselves, of the chosen pods."""
    return f"{name}{{{CHOSEN}}}"


def rate(name, more=""):
    return f"rate({name}{{{CHOSEN}{more}}}[{WINDOW}])"


def share(part, rest):
    """part / (part + rest); 0 while nothing happens."""
    return f"{part} / clamp_min({part} + {rest}, 1e-9)"


def percentiles(histogram):
    buckets = f"sum by (le) ({rate(histogram + '_bucket')})"
    return [(f"histogram_quantile({p}, {buckets})", f"p{p * 100:g}") for p in (0.5, 0.95, 0.99)]


def stat(title, unit, metric, **more):
    return Panel(title, unit, [(now(metric), "{{pod}}")], kind=more.pop("kind", "stat"), width=4, height=4, **more)


def by_pod(title, unit, metric, about=""):
    return Panel(title, unit, [(now(metric), "{{pod}}")], about, width=6)


ROWS = [
    ("Now", [
        stat("Average prompt throughput", "tokens/s", "llamacpp:prompt_tokens_seconds"),
        stat("Average generation throughput", "tokens/s", "llamacpp:predicted_tokens_seconds"),
        stat("KV cache in use", "percentunit", "llamacpp:kv_cache_usage_ratio", kind="gauge",
             about="Positions kept for later prompts count as used: a full cache is a good cache."),
        stat("KV cache tokens", "short", "llamacpp:kv_cache_tokens"),
        stat("Requests processing", "short", "llamacpp:requests_processing"),
        stat("Requests deferred", "short", "llamacpp:requests_deferred"),
    ]),
    ("Work", [
        by_pod("Prompt tokens", "short", "llamacpp:prompt_tokens_total", "Since start; cached ones excluded."),
        by_pod("Generated tokens", "short", "llamacpp:tokens_predicted_total", "Since start."),
        by_pod("Prompt time", "s", "llamacpp:prompt_seconds_total", "Since start."),
        by_pod("Predict time", "s", "llamacpp:tokens_predicted_seconds_total", "Since start."),
        Panel("Tokens per second", "tokens/s", [
            (f"sum by (pod) ({rate('llamacpp:prompt_tokens_total')})", "prompt {{pod}}"),
            (f"sum by (pod) ({rate('llamacpp:tokens_predicted_total')})", "generated {{pod}}")]),
        Panel("Prompt tokens from the cache", "percentunit", [
            (share(rate("llamacpp:prompt_tokens_cached_total"), rate("llamacpp:prompt_tokens_total")), "{{pod}}")],
            "Cache hits: tokens of prompts that were not read again."),
        Panel("Slots at work in a pass", "short", [(now("llamacpp:n_busy_slots_per_decode"), "{{pod}}")]),
    ]),
    ("Latency", [
        Panel("Time to first token", "s", percentiles("samovar:time_to_first_token_seconds"),
              "From the whole request to the first token, waiting included."),
        Panel("Between two tokens", "s", percentiles("samovar:inter_token_seconds")),
        Panel("Request duration", "s", percentiles("samovar:request_duration_seconds")),
    ]),
    ("Requests", [
        Panel("Queue", "short", [(now("llamacpp:requests_deferred"), "waiting {{pod}}"),
                                 (now("llamacpp:requests_processing"), "at work {{pod}}")]),
        Panel("Time in the queue", "s", percentiles("samovar:queue_wait_seconds")),
        Panel("Answers by status", "reqps", [
            (f"sum by (status) ({rate('samovar:requests_total', f', path!~{json.dumps(PROBES)}')})", "{{status}}"),
            (f"sum({rate('samovar:requests_cancelled_total')})", "client went away")],
            "Probes and scrapes are left out."),
    ]),
    ("Memory", [
        Panel("Plan and reality", "bytes", [
            (now("samovar:models_planned_bytes"), "plan {{pod}}"),
            (now("samovar:resident_bytes"), "resident {{pod}}"),
            (now("samovar:anonymous_bytes"), "anonymous {{pod}}"),
            (now("samovar:memory_limit_bytes"), "limit {{pod}}"),
            (now("samovar:memory_usable_bytes"), "still usable {{pod}}")],
            "Resident holds the mapped weights, which the kernel can drop and read again; anonymous memory it can't."),
        Panel("Swap and zram", "bytes", [
            (now("samovar:swapped_bytes"), "in swap {{pod}}"),
            (now("samovar:zram_stored_bytes"), "stored in zram, {{instance}}"),
            (now("samovar:zram_memory_bytes"), "memory zram takes, {{instance}}")],
            "zram is the node's, for all its pods."),
        Panel("Major faults and pressure", "short", [
            (rate("samovar:major_faults_total"), "faults/s {{pod}}"),
            (rate("samovar:memory_pressure_seconds_total"), "stalled s/s {{pod}}")],
            "Pages read again from disk or swap, and time that tasks waited for memory."),
    ]),
    ("CPU", [
        Panel("CPU throttling", "percentunit", [
            (f"{rate('samovar:cpu_throttled_periods_total')} / clamp_min({rate('samovar:cpu_periods_total')}, 1e-9)",
             "{{pod}}")], "Periods in which the CPU limit stopped the pod; above 5 % raise or remove the limit.",
            width=12),
        Panel("Time stopped by the CPU limit", "s", [(rate("samovar:cpu_throttled_seconds_total"), "{{pod}}")],
              "Seconds of thread time in each second.", width=12),
    ]),
]


def threshold_colors(kind):
    steps = [{"color": "green", "value": None}]
    if kind == "gauge":
        steps += [{"color": "yellow", "value": 0.9}]
    return {"mode": "absolute", "steps": steps}


def panel_json(panel, number, x, y):
    defaults = {"unit": panel.unit, "min": 0, "thresholds": threshold_colors(panel.kind)}
    if panel.kind == "gauge":
        defaults["max"] = 1
    if panel.kind == "timeseries":
        defaults |= {"color": {"mode": "palette-classic"}, "custom": {"lineWidth": 1, "fillOpacity": 8}}
    options = {
        "timeseries": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "stat": {"graphMode": "area", "reduceOptions": {"calcs": ["lastNotNull"]}},
        "gauge": {"reduceOptions": {"calcs": ["lastNotNull"]}},
    }[panel.kind]
    return {
        "id": number, "type": panel.kind, "title": panel.title, "description": panel.about,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "fieldConfig": {"defaults": defaults, "overrides": []}, "options": options,
        "targets": [{"refId": chr(ord("A") + i), "expr": expression, "legendFormat": legend, "range": True}
                    for i, (expression, legend) in enumerate(panel.queries)],
    }


def panels_json():
    """All panels, left to right, rows under their titles."""
    panels, y = [], 0
    for title, row in ROWS:
        panels.append({"id": len(panels) + 1, "type": "row", "title": title, "collapsed": False, "panels": [],
                       "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1}})
        x, y, height = 0, y + 1, 0
        for panel in row:
            if x + panel.width > COLUMNS:
                x, y, height = 0, y + height, 0
            panels.append(panel_json(panel, len(panels) + 1, x, y))
            x, height = x + panel.width, max(height, panel.height)
        y += height
    return panels


def variable(name, label):
    series = "llamacpp:requests_processing"
    chosen = '{namespace=~"$namespace"}' if name == "pod" else ""
    query = f"label_values({series}{chosen}, {name})"
    return {"name": name, "label": label, "type": "query", "query": {"query": query, "refId": name}, "definition": query,
            "datasource": {"type": "prometheus", "uid": "${datasource}"}, "refresh": 2, "sort": 1, "multi": True,
            "includeAll": True, "allValue": ".*", "current": {"text": ["All"], "value": ["$__all"]}}


def dashboard():
    return {
        "uid": "samovar", "title": "samovar", "tags": ["samovar", "llm"], "schemaVersion": 39, "version": 1,
        "editable": True, "graphTooltip": 1, "refresh": "10s", "timezone": "browser",
        "time": {"from": "now-30m", "to": "now"}, "annotations": {"list": []}, "links": [],
        "templating": {"list": [
            {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1,
             "current": {}},
            variable("namespace", "Namespace"), variable("pod", "Pod")]},
        "panels": panels_json(),
    }


def main():
    text = json.dumps(dashboard(), indent=1) + "\n"
    if sys.argv[1:] == ["--check"]:
        if not DASHBOARD.exists() or DASHBOARD.read_text(encoding="utf-8") != text:
            sys.exit(f"{DASHBOARD}: not as {Path(__file__).name} writes it: run that without --check")
        return
    DASHBOARD.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
