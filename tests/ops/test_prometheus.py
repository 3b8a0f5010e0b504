"""Prometheus reads the fleet by our config, and our alerts and dashboard ask for what there is."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
import yaml

from queues.job_error import Code, Remedy
from tests.debian import program
from tests.fleet import ROOT, eventually
from tests.ops.conftest import OPS, Prometheus, WatchedFleet
from workers.metrics import declared

ALERTS = [
    rule
    for group in yaml.safe_load((OPS / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "ops/grafana/dashboards/riskfleet.json").read_text())
_METRIC = re.compile(r"\b(riskfleet_\w+|process_\w+|up)\b(?!\s*=)")


def _drawn() -> dict[str, str]:
    """Give panel -> an expression of it, with Grafana's variables filled in as it would."""
    filled = {"$__rate_interval": "5s", "$__range": "1h", "$queue": ".*"}
    drawn = {}
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            expression = target["expr"]
            for variable, value in filled.items():
                expression = expression.replace(variable, value)
            drawn[f"{panel['title']} {target['refId']}"] = expression
    return drawn


EXPRESSIONS = {**_drawn(), **{rule["alert"]: rule["expr"] for rule in ALERTS}}


@pytest.mark.parametrize(
    "arguments", [("check", "config", "prometheus.yml"), ("test", "rules", "alerts.test.yml")]
)
def test_promtool_finds_nothing_wrong(arguments: tuple[str, ...]) -> None:
    """Config and rules are valid, and the alerts fire when they should and only then."""
    promtool, environment = program("promtool")

    ended = subprocess.run(
        [promtool, *arguments],
        cwd=OPS,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_fleet_is_read(prometheus: Prometheus, watched_fleet: WatchedFleet) -> None:
    """Every worker is a target that is up, and what it says arrives unchanged."""
    targets = eventually(
        lambda: [
            target
            for target in prometheus.get("targets", state="active")["activeTargets"]
            if target["health"] != "unknown"
        ]
    )
    watched_fleet.fleet.ended(watched_fleet.fleet.submit({"message": "counted"}))
    counted = sum(
        sum(watched_fleet.samples(pool, "riskfleet_jobs_finished_total").values())
        for pool in ("cpu", "gpu", "etl")
    )

    assert [target["lastError"] for target in targets if target["health"] != "up"] == []
    assert counted >= 1
    eventually(
        lambda: (
            prometheus.query("sum(riskfleet_jobs_finished_total)")[0]["value"][1]
            == str(int(counted))
        )
    )
    assert prometheus.query("riskfleet_redis_up + riskfleet_postgres_up")[0]["value"][1] == "2"


def test_everything_declared_arrives(prometheus: Prometheus) -> None:
    """Every metric has a sample from the start; an alert on one that never came is no alert."""
    series = {name for metric in declared.ALL for name in metric.series}

    eventually(lambda: series <= set(prometheus.get("label/__name__/values")))


@pytest.mark.parametrize("place", EXPRESSIONS)
def test_what_is_asked_for_exists(prometheus: Prometheus, place: str) -> None:
    """Each metric in an alert or a panel is one that Prometheus has from the fleet."""
    asked = set(_METRIC.findall(EXPRESSIONS[place]))

    assert asked
    eventually(lambda: asked <= set(prometheus.get("label/__name__/values")))


def test_every_alert_can_be_evaluated(prometheus: Prometheus) -> None:
    """Prometheus has evaluated each rule without an error; a fleet that is well raises none."""

    def evaluated() -> list[Any]:
        rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        return rules if all(rule["health"] != "unknown" for rule in rules) else []

    rules = eventually(evaluated)

    assert {rule["name"] for rule in rules} == {rule["alert"] for rule in ALERTS}
    assert {
        rule["name"]: rule.get("lastError", "") for rule in rules if rule["health"] != "ok"
    } == {}


@pytest.mark.parametrize("panel", _drawn())
def test_every_panel_draws_something(prometheus: Prometheus, panel: str) -> None:
    """An expression gives a line, unless it leaves out what is zero."""
    expression = EXPRESSIONS[panel]

    if re.search(r"> 0\b", expression):
        prometheus.query(expression)
    else:
        eventually(lambda: prometheus.query(expression))


def test_a_failure_of_ours_is_no_refusal() -> None:
    """The alert and the panel on failing jobs count what the caller could not have helped."""
    ours = {code.value for code in Code if code.remedy is Remedy.CALL_US} | {Code.UNAVAILABLE}
    counted = [EXPRESSIONS["JobsFail"], EXPRESSIONS["Failing A"]]

    for expression in counted:
        [reasons] = re.findall(r'reason=~"([^"]*)"', expression)
        assert set(reasons.split("|")) == ours


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """Whoever is woken gets a sentence, what to do, and the page that says more."""
    said = rule["annotations"]

    assert set(said) == {"summary", "description", "runbook"}
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert said["runbook"] == f"docs/on-call.md#{rule['alert'].lower()}"
    assert f"## {rule['alert']}\n" in (ROOT / "docs/on-call.md").read_text()
