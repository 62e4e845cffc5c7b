"""The dashboard: every query can be read, names what the server has, and returns data while the server works.

How Grafana draws it is not tested: Grafana can't be had here.
SPDX-License-Identifier: Apache-2.0
"""

import math
import re
import subprocess
import sys
import urllib.request

import pytest
import yaml

from deployment import BOARD_OF_2024, DASHBOARD, DEPLOY, RULES, dashboard_panels, dashboard_queries, run, tool
from scraped_server import ScrapedServer

SCRAPES = 12
WINDOW = "30s"
QUERIES = dashboard_queries(WINDOW) + [("board of 2024", name) for name in BOARD_OF_2024]


def metric_names(expression):
    return set(re.findall(r"\b(?:llamacpp|samovar):\w+", expression))


@pytest.fixture(scope="module")
def scraped(request, small_model):
    with ScrapedServer(request.config.getoption("--bin"), tool("prometheus"), small_model, RULES) as scraped:
        scraped.wait_for_scrapes(SCRAPES)
        yield scraped


@pytest.fixture(scope="module")
def served_names(scraped):
    with urllib.request.urlopen(f"{scraped.server.url}/metrics") as answer:
        return set(re.findall(r"^([\w:]+)[{ ]", answer.read().decode(), re.M))


def test_the_file_is_what_its_script_writes():
    result = subprocess.run([sys.executable, DEPLOY / "grafana/make_dashboard.py", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_every_query_can_be_read(tmp_path):
    rules = [{"record": f"query:{i}", "expr": expression} for i, (_, expression) in enumerate(QUERIES)]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}), encoding="utf-8")
    result = run("promtool", "check", "rules", file)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(QUERIES)} rules found" in result.stdout


def test_no_two_panels_lie_on_each_other():
    taken = set()
    for panel in dashboard_panels():
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells


def test_the_dashboard_asks_for_all_that_the_board_of_2024_shows():
    assert set(BOARD_OF_2024) <= {name for _, expression in dashboard_queries() for name in metric_names(expression)}


def test_alerts_and_dashboard_name_only_series_that_there_are(served_names):
    alerts = " ".join(rule["expr"] for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
                      for rule in group["rules"])
    wanted = metric_names(alerts + " ".join(expression for _, expression in QUERIES))
    assert wanted - served_names == set()


@pytest.mark.parametrize("expression", sorted({expression for _, expression in QUERIES}))
def test_a_query_returns_data(expression, scraped):
    values = [value for _, value in scraped.query(expression)]
    assert any(math.isfinite(value) for value in values), f"{expression}: {values}"


def test_no_alert_fires_while_the_server_works(scraped):
    firing = [alert for alert in scraped.api("alerts")["alerts"] if alert["state"] == "firing"]
    assert firing == []
    loaded = [rule["health"] for group in scraped.api("rules")["groups"] for rule in group["rules"]]
    assert loaded and set(loaded) == {"ok"}


def test_the_load_fills_the_slots_the_queue_and_the_cache(scraped):
    assert scraped.query("max_over_time(llamacpp:requests_processing[1m])")[0][1] == 2
    assert scraped.query("max_over_time(llamacpp:requests_deferred[1m])")[0][1] > 0
    assert scraped.query("llamacpp:prompt_tokens_cached_total")[0][1] > 0
