"""`fleet shadow` says whether callers may switch, and what they would switch to."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from uuid import UUID

import pytest

from queues.ledger.shadow import ShadowComparisons, ShadowSummary
from tests.fleet import ROOT, FleetUnderTest, eventually
from tests.workers.cli.conftest import FleetCommand
from workers.cli import app
from workers.cli.failure import CommandMisused
from workers.cli.shadow import Verdict


def test_a_live_job_and_its_report(fleet: FleetUnderTest, fleet_command: FleetCommand) -> None:
    """From the message to the verdict: a split job and small ones, through worker and command."""
    fleet.start()
    fleet.submit({"message": "a"}, expected={"message": "a"})
    differing = fleet.submit({"message": "b"}, expected={"message": "c"})
    example = json.loads((ROOT / "examples" / "ransomware.json").read_text())
    scenario = example["scenario"] | {"lossEventFrequencyPerYear": 40}
    request = example | {"scenario": scenario, "engine": "monteCarlo", "trials": 12_000_000}
    expected = {"currency": "EUR", "name": "other"}
    split = fleet.submit(request, task="prism.simulate_scenario", expected=expected)
    comparisons = ShadowComparisons(fleet.ledger.engine)
    eventually(lambda: comparisons.summary("fleet.echo").compared == 2)
    eventually(lambda: comparisons.of_job(UUID(split)))
    settings = {"REDIS_URL": fleet.redis_server.url, "DATABASE_URL": fleet.database_url}
    command = replace(fleet_command, settings=settings)

    echo = command.json("shadow", "report", "fleet.echo")
    shown = command("shadow", "show", split)
    told = command("shadow", "report", "fleet.echo", "--tenant", "default", "--since", "2026-01-01")

    assert (echo["compared"], echo["agreed"], echo["isSafe"]) == (2, 1, False)
    assert echo["mostDisagreement"] == pytest.approx(0.95**0.5)
    [place] = echo["places"]
    assert (place["path"], place["expected"], place["received"]) == ("message", "c", "b")
    assert place["jobId"] == differing
    [row] = [line for line in shown.stdout.splitlines() if line.startswith("name ")]
    name = "Ransomware stops production at a mid-size manufacturer"
    assert row.split(maxsplit=3) == ["name", "unlike", '"other"', f'"{name}"'], shown.stderr
    assert "values compared  2" in shown.stdout
    assert "Not yet: 471 more that agree would show fewer than 1.00% to disagree" in told.stdout, (
        told.stderr
    )


def test_a_verdict_follows_from_the_limit() -> None:
    """It is safe once the upper limit, not the share seen, is as low as asked."""
    nothing = ShadowSummary(
        compared=0,
        agreed=0,
        failed=0,
        oldest=None,
        newest=None,
        run_p50_seconds=None,
        run_p95_seconds=None,
        places=(),
    )
    few, enough = (
        replace(nothing, compared=298, agreed=298),
        replace(nothing, compared=299, agreed=299),
    )

    assert Verdict.of(nothing, at_most=0.01).clean_needed == 299
    assert Verdict.of(few, at_most=0.01).clean_needed == 1
    assert not Verdict.of(few, at_most=0.01).is_safe
    assert Verdict.of(enough, at_most=0.01).is_safe
    assert not Verdict.of(enough, at_most=0.005).is_safe
    assert not Verdict.of(replace(enough, failed=1), at_most=0.01).is_safe


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--at-most", "1"), "--at-most: expected a share above 0 and below 1, received 1.0"),
        (("--since", "monday"), "--since: expected a day or a time in ISO 8601, received monday"),
    ],
)
def test_what_cannot_be_asked(options: tuple[str, str], said: str) -> None:
    """A value that makes no sense is named, with what was expected."""
    with pytest.raises(CommandMisused, match=re.escape(said)):
        app(["shadow", "report", "fleet.echo", *options], standalone_mode=False)
