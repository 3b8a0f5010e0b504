"""Sobol indices of the product form: published forms, an independent estimate, and laws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.errors import InvalidInput
from engines.prism.distributions import (
    Constant,
    Distribution,
    Empirical,
    GeneralisedPareto,
    Lognormal,
    Pert,
    Uniform,
)
from engines.prism.drivers.sobol_indices import sobol_indices
from engines.prism.drivers.variance_shares import variance_shares
from engines.prism.fair_node import FairNode, leaves_of
from engines.prism.loss_given_leaves import expected_loss_given
from engines.prism.scenario import (
    Contest,
    LossForm,
    Scenario,
    SecondaryLoss,
    Vulnerability,
    VulnerabilityScope,
)


def product_of(*factors: Distribution) -> Scenario:
    """A scenario whose annual loss is the product of three distributions."""
    frequency, vulnerability, loss = factors
    return Scenario(
        frequencies={"threatEventFrequencyPerYear": frequency},
        vulnerability=Vulnerability(of=vulnerability, scope=VulnerabilityScope.PER_YEAR),
        primary_losses={LossForm.TOTAL: loss},
    )


FULL = Scenario(
    frequencies={
        "contactFrequencyPerYear": Pert(2, 10, 40),
        "probabilityOfAction": Pert(0.1, 0.4, 0.8),
    },
    vulnerability=Vulnerability(
        of=Contest(
            threat_capability=Pert(0.2, 0.6, 0.95), resistance_strength=Pert(0.3, 0.65, 0.9)
        ),
        scope=VulnerabilityScope.SCALAR,
    ),
    primary_losses={
        LossForm.PRODUCTIVITY: Pert(1e4, 5e4, 3e5),
        LossForm.RESPONSE: Lognormal.from_interval(2e4, 2e5),
    },
    secondary_loss=SecondaryLoss(
        probability=Pert(0.05, 0.2, 0.6), losses={LossForm.TOTAL: Pert(1e5, 3e5, 2e6)}
    ),
)


def test_a_product_has_its_published_indices() -> None:
    """For Y = X1 ... Xd with E Xi = m_i and Var Xi = s_i^2: S_i = (s_i / m_i)^2 / D with
    D = prod(1 + s_j^2 / m_j^2) - 1, and ST_i = S_i prod over the others of (1 + s_j^2 / m_j^2):
    the multiplicative case of Sobol', MCS 55 (2001); here uniforms over [0, b] have s^2 / m^2 = 1/3
    whatever b is, and over [1, 2] they have 1/27."""
    shares = {
        share.node: share
        for share in variance_shares(
            {"only": product_of(Uniform(0, 7), Uniform(0, 1), Uniform(1, 2))}
        )
    }

    whole = 4 / 3 * 4 / 3 * 28 / 27 - 1
    wide, narrow = shares[FairNode.THREAT_EVENT_FREQUENCY], shares[FairNode.PRIMARY_LOSS]
    assert wide.first == pytest.approx(1 / 3 / whole, rel=1e-12)
    assert wide.total == pytest.approx(1 / 3 * 4 / 3 * 28 / 27 / whole, rel=1e-12)
    assert narrow.first == pytest.approx(1 / 27 / whole, rel=1e-12)
    assert narrow.total == pytest.approx(1 / 27 * 16 / 9 / whole, rel=1e-12)


def test_the_whole_tree_agrees_with_an_estimate() -> None:
    """Saltelli's and Jansen's estimators, which know only the loss, within five standard errors."""
    leaves = leaves_of(FULL)
    exact = {share.node: share for share in variance_shares({"only": FULL})}
    generator = np.random.default_rng(3)
    replicates = []
    for _ in range(20):
        samples = [
            {node: leaf.quantile(generator.random(4096)) for node, leaf in leaves.items()}
            for _ in "ab"
        ]
        at_a, at_b = (expected_loss_given(FULL, sample) for sample in samples)
        mixed = [
            expected_loss_given(FULL, samples[0] | {node: samples[1][node]}) for node in leaves
        ]
        replicates.append(sobol_indices(at_a, at_b, np.stack(mixed)))
    estimates = np.array(replicates)  # replicate, first or total, leaf

    errors = estimates.std(axis=0, ddof=1) / math.sqrt(len(estimates))
    expected = np.array(
        [[exact[node].first for node in leaves], [exact[node].total for node in leaves]]
    )
    assert (np.abs(estimates.mean(axis=0) - expected) < 5 * errors).all()
    assert (errors < 0.02).all()


def test_scenarios_add_up() -> None:
    """A leaf's share in two equal scenarios is half of its share in one of them."""
    alone = variance_shares({"one": FULL})
    both = variance_shares({"one": FULL, "other": FULL})

    assert [share.total / 2 for share in alone for _ in "ab"] == pytest.approx(
        [share.total for share in both], rel=1e-12
    )


def test_totals_are_never_below_first_orders() -> None:
    """And first orders add up to no more than one, totals to no less."""
    shares = variance_shares({"only": FULL})

    assert all(share.first <= share.total for share in shares)
    assert sum(share.first for share in shares) < 1 < sum(share.total for share in shares)


def test_what_is_known_has_no_share() -> None:
    """A constant is not listed; if all leaves are, nothing is."""
    one = product_of(Constant(3), Constant(0.5), Uniform(1, 2))
    none = product_of(Constant(3), Constant(0.5), Constant(4))

    (share,) = variance_shares({"only": one})
    assert (share.node, share.first, share.total) == (FairNode.PRIMARY_LOSS, 1, 1)
    assert variance_shares({"only": none}) == ()


def test_a_contest_of_atoms_is_counted_out() -> None:
    """Capability 1 or 3, strength 2: capability decides everything."""
    contest = Contest(threat_capability=Empirical((1.0, 3.0)), resistance_strength=Constant(2.0))
    scenario = Scenario(
        frequencies={"threatEventFrequencyPerYear": Constant(1)},
        vulnerability=Vulnerability(of=contest, scope=VulnerabilityScope.PER_EVENT),
        primary_losses={LossForm.TOTAL: Constant(10)},
    )

    (share,) = variance_shares({"only": scenario})
    assert (share.node, share.first, share.total) == (FairNode.THREAT_CAPABILITY, 1, 1)


def test_without_a_variance_there_are_no_indices() -> None:
    """The leaf is named."""
    heavy = product_of(Constant(1), Constant(1), GeneralisedPareto(shape=0.6, scale=1e5))

    with pytest.raises(InvalidInput, match="finite variance") as refusal:
        variance_shares({"only": heavy})
    assert refusal.value.field == "scenarios.0.scenario.primaryLoss"
