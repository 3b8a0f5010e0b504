"""The tornado against what can be worked out by hand."""

from __future__ import annotations

import pytest

from engines.errors import InvalidInput
from engines.prism.distributions import Constant, Normal, Uniform
from engines.prism.drivers.tornado import tornado
from engines.prism.fair_node import FairNode
from engines.prism.scenario import (
    Contest,
    LossForm,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)

SIMPLE = Scenario(
    frequencies={"lossEventFrequencyPerYear": Uniform(0, 10)},
    primary_losses={LossForm.PRODUCTIVITY: Uniform(0, 100), LossForm.RESPONSE: Constant(50)},
    secondary_loss=SecondaryLoss(probability=Uniform(0, 1), losses={LossForm.TOTAL: Constant(200)}),
)
CERTAIN = Scenario(
    frequencies={"lossEventFrequencyPerYear": Constant(1)},
    primary_losses={LossForm.TOTAL: Constant(1000)},
)


def test_a_tornado_worked_out_by_hand() -> None:
    """Frequency 1 to 9 times a mean loss of 50 + 50 + 100; probability 0.1 to 0.9 times 200 and
    productivity 10 to 90, each times five events; 1000 from the other scenario on top."""
    answer = tornado({"one": SIMPLE, "other": CERTAIN})

    assert answer.base == pytest.approx(2000)
    assert [(s.node, s.loss_at_low, s.loss_at_high) for s in answer.swings] == [
        (FairNode.LOSS_EVENT_FREQUENCY, pytest.approx(1200), pytest.approx(2800)),
        (FairNode.SECONDARY_PROBABILITY, pytest.approx(1600), pytest.approx(2400)),
        (FairNode.PRIMARY_PRODUCTIVITY, pytest.approx(1800), pytest.approx(2200)),
    ]


def test_a_contest_of_normals_is_exact() -> None:
    """Capability N(0, 1) against strength N(0, 1): at its 90th percentile, 1.2816, capability wins
    with probability 0.9; strength at its own loses with 0.1."""
    scenario = Scenario(
        frequencies={"threatEventFrequencyPerYear": Constant(10)},
        vulnerability=Vulnerability(
            of=Contest(threat_capability=Normal(0, 1), resistance_strength=Normal(0, 1)),
            scope=VulnerabilityScope.PER_EVENT,
        ),
        primary_losses={LossForm.TOTAL: Constant(1)},
    )
    capability, resistance = tornado({"only": scenario}).swings

    assert capability.node, resistance.node == (
        FairNode.THREAT_CAPABILITY, FairNode.RESISTANCE_STRENGTH,
    )  # fmt: skip
    assert (capability.loss_at_low, capability.loss_at_high) == pytest.approx((1, 9))
    assert (resistance.loss_at_low, resistance.loss_at_high) == pytest.approx((9, 1))


def test_narrower_percentiles_swing_less() -> None:
    """And the order of the bars stays."""
    wide = tornado({"one": SIMPLE})
    narrow = tornado({"one": SIMPLE}, low_percent=25, high_percent=75)

    assert all(n.width < w.width for n, w in zip(narrow.swings, wide.swings, strict=True))


@pytest.mark.parametrize(("low", "high"), [(0, 90), (90, 10), (50, 50), (10, 100)])
def test_percentiles_are_two_and_inside(low: float, high: float) -> None:
    """In their order."""
    with pytest.raises(InvalidInput, match="high_percent"):
        tornado({"one": SIMPLE}, low_percent=low, high_percent=high)


@pytest.mark.parametrize("count", [0, 51])
def test_scenarios_are_from_1_to_50(count: int) -> None:
    """Others are refused by name."""
    with pytest.raises(InvalidInput, match="scenarios: expected from 1 to 50"):
        tornado({str(i): SIMPLE for i in range(count)})
