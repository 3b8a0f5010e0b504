"""What is simulated: in our engines' own types for us, and as plain numbers for the peers.

A: frequency times magnitude over all seven leaves of the FAIR tree, as pyfair computes it. Its
PERTs are pyfair's (`Pert.convention`), so that all contenders draw from the same distributions, and
its vulnerability is one number, the share of years in which the threat is the stronger.

B: a compound year. C is B again, without trials. D: twenty of B in various sizes, correlated.
"""

from __future__ import annotations

from typing import Any

from engines.prism.dependence.copulas import (
    Correlation,
    CorrelationMeasure,
    Dependence,
    GaussianCopula,
)
from engines.prism.distributions import Constant, Lognormal, Pert
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    AnnualLossModel,
    Contest,
    LossForm,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)

TRIALS = 1 << 20
LARGE_TRIALS = 10**8

PERCENTS = (5.0, 50.0, 90.0, 95.0, 99.0)
CURVE_POINTS = 100

SCENARIOS = 20
CORRELATION = 0.3

LEAVES = {
    "contactFrequency": (5.0, 20.0, 60.0),
    "probabilityOfAction": (0.05, 0.2, 0.5),
    "threatCapability": (0.2, 0.5, 0.9),
    "resistanceStrength": (0.3, 0.6, 0.95),
    "primaryLoss": (20e3, 100e3, 800e3),
    "secondaryFrequency": (0.05, 0.2, 0.6),
    "secondaryMagnitude": (50e3, 400e3, 4e6),
}
"""The low, the most likely and the high value of each leaf of A; all shapes are above 1."""

EVENTS_PER_YEAR = (0.5, 2.0, 6.0)
PRIMARY_90 = (50e3, 1e6)
SECONDARY_PROBABILITY = 0.25
SECONDARY_90 = (100e3, 5e6)
"""Of B; amounts by the 90% interval of a lognormal."""


def product() -> Scenario:
    """Give A."""
    leaf = {name: Pert(*values, convention="pyfair") for name, values in LEAVES.items()}
    return Scenario(
        frequencies={
            "contactFrequencyPerYear": leaf["contactFrequency"],
            "probabilityOfAction": leaf["probabilityOfAction"],
        },
        vulnerability=Vulnerability(
            of=Contest(
                threat_capability=leaf["threatCapability"],
                resistance_strength=leaf["resistanceStrength"],
            ),
            scope=VulnerabilityScope.SCALAR,
        ),
        primary_losses={LossForm.TOTAL: leaf["primaryLoss"]},
        secondary_loss=SecondaryLoss(
            probability=leaf["secondaryFrequency"],
            losses={LossForm.TOTAL: leaf["secondaryMagnitude"]},
        ),
        annual_loss=AnnualLossModel.PRODUCT,
    )


def compound(*, rate: float = 1.0, amount: float = 1.0) -> Scenario:
    """Give B, with its rate and its amounts multiplied."""

    def lognormal(low: float, high: float) -> Lognormal:
        return Lognormal.from_interval(low * amount, high * amount)

    low, mode, high = EVENTS_PER_YEAR
    events = Pert(rate * low, rate * mode, rate * high)
    return Scenario(
        frequencies={"lossEventFrequencyPerYear": events},
        primary_losses={LossForm.TOTAL: lognormal(*PRIMARY_90)},
        secondary_loss=SecondaryLoss(
            probability=Constant(SECONDARY_PROBABILITY),
            losses={LossForm.TOTAL: lognormal(*SECONDARY_90)},
        ),
    )


def portfolio() -> Portfolio:
    """Give D's scenarios: the more often one comes, the less it costs."""
    return Portfolio(
        scenarios={
            f"scenario{k}": compound(rate=4 / (4 + k), amount=1 + k / 10) for k in range(SCENARIOS)
        }
    )


def dependence() -> Dependence:
    """Give D's copula: Gaussian, any two scenarios equally correlated."""
    matrix = tuple(
        tuple(1.0 if i == j else CORRELATION for j in range(SCENARIOS)) for i in range(SCENARIOS)
    )
    return Dependence(
        copula=GaussianCopula(Correlation(matrix=matrix, measure=CorrelationMeasure.PEARSON))
    )


def for_peers() -> dict[str, Any]:
    """Give A and B as numbers: betas for PERTs, mu and sigma for lognormals."""
    return {
        "product": {
            name: _beta(Pert(*values, convention="pyfair")) for name, values in LEAVES.items()
        },
        "compound": {
            "eventsPerYear": _beta(Pert(*EVENTS_PER_YEAR)),
            "primaryLoss": _lognormal(*PRIMARY_90),
            "secondaryProbability": SECONDARY_PROBABILITY,
            "secondaryLoss": _lognormal(*SECONDARY_90),
        },
    }


def _beta(pert: Pert) -> dict[str, float]:
    shapes = pert.as_beta
    return {"low": pert.low, "high": pert.high, "alpha": shapes.alpha, "beta": shapes.beta}


def _lognormal(low: float, high: float) -> dict[str, float]:
    loss = Lognormal.from_interval(low, high)
    return {"mu": loss.mu, "sigma": loss.sigma}
