"""The alerts: promtool reads them, and each has a unit test in which it fires.

SPDX-License-Identifier: Apache-2.0
"""

import yaml

from deployment import DEPLOY, ROOT, RULES, run

UNIT_TESTS = DEPLOY / "prometheus/rules_test.yaml"


def alerts():
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def test_promtool_reads_the_rules():
    result = run("promtool", "check", "rules", RULES)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_unit_tests_of_the_alerts_pass():
    result = run("promtool", "test", "rules", UNIT_TESTS)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_is_seen_to_fire_and_to_stay_silent():
    cases = [case for test in yaml.safe_load(UNIT_TESTS.read_text(encoding="utf-8"))["tests"] for case in test["alert_rule_test"]]
    for name in alerts():
        of_it = [case for case in cases if case["alertname"] == name]
        assert any(case["exp_alerts"] for case in of_it), f"{name} never fires"
        assert any(not case["exp_alerts"] for case in of_it), f"{name} is never silent"


def test_a_wrong_threshold_fails_the_unit_tests(tmp_path):
    rules = RULES.read_text(encoding="utf-8")
    assert "< 0.05" in rules
    (tmp_path / "rules.yaml").write_text(rules.replace("< 0.05", "< 0.01"), encoding="utf-8")
    (tmp_path / "rules_test.yaml").write_text(UNIT_TESTS.read_text(encoding="utf-8"), encoding="utf-8")
    result = run("promtool", "test", "rules", tmp_path / "rules_test.yaml")
    assert result.returncode == 1
    assert "SamovarMemoryRunsOut" in result.stdout + result.stderr


def test_each_alert_says_how_bad_it_is_and_what_to_do():
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("warning", "critical"), name
        assert set(rule["annotations"]) == {"summary", "description"}, name
        assert rule["for"], name


def test_the_guide_names_every_alert():
    guide = (ROOT / "docs/guides/kubernetes.md").read_text(encoding="utf-8")
    assert [name for name in alerts() if f"`{name}`" not in guide] == []
