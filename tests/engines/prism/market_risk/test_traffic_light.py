"""The traffic light is the Committee's table where it printed one, and its idea elsewhere."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.prism.market_risk.traffic_light import traffic_light

TABLE = Path(__file__).parents[3] / "reference/prism/basel_traffic_light.csv"


@pytest.mark.parametrize("row", list(csv.DictReader(TABLE.open())), ids=lambda row: row["breaches"])
def test_250_days_at_99_per_cent_are_the_table(row: dict[str, str]) -> None:
    """Zones, cumulative probabilities, the plus factors of 1996 and the multipliers of MAR32."""
    breaches = int(row["breaches"])
    light = traffic_light(breaches, 250, 0.01)

    assert row["zone"] == light.zone
    assert float(row["cumulative_percent"]) == pytest.approx(
        100 * light.cumulative_probability, abs=0.005
    )
    assert float(row["plus_factor_1996"]) == light.plus_factor
    assert float(row["multiplier_mar32"]) == pytest.approx(
        traffic_light(breaches, 250, 0.01, "mar32").multiplier, abs=1e-12
    )


@pytest.mark.parametrize("breaches", [11, 50, 250])
def test_more_than_ten_are_red(breaches: int) -> None:
    """The table's last line is `10 or more`."""
    light = traffic_light(breaches, 250, 0.01)

    assert (light.zone, light.multiplier) == ("red", 4.0)


def test_the_zones_of_250_days_begin_at_five_and_ten() -> None:
    """As printed."""
    light = traffic_light(0, 250, 0.01)

    assert (light.yellow_from, light.red_from) == (5, 10)


@given(st.integers(1, 20_000), st.floats(0.001, 0.2), st.data())
@settings(max_examples=60, deadline=None)
def test_more_breaches_never_cost_less(
    periods: int, probability: float, data: st.DataObject
) -> None:
    """For any window and level: zones and plus factors rise with the breaches."""
    breaches = data.draw(st.integers(0, periods - 1))
    fewer = traffic_light(breaches, periods, probability)
    more = traffic_light(breaches + 1, periods, probability)

    zones = ("green", "yellow", "red")
    assert zones.index(fewer.zone) <= zones.index(more.zone)
    assert fewer.plus_factor <= more.plus_factor
    assert (fewer.zone == "green") == (breaches < fewer.yellow_from)
    assert (fewer.zone == "red") == (breaches >= fewer.red_from)


def test_a_yellow_light_always_costs_something() -> None:
    """At 600 days and 99%, 11 breaches are yellow, though less improbable than 5 in 250."""
    light = traffic_light(traffic_light(0, 600, 0.01).yellow_from, 600, 0.01)

    assert light.zone == "yellow"
    assert light.plus_factor == 0.40
