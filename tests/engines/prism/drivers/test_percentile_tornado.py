"""The tornado of a percentile against compound years that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from engines.errors import InvalidInput, Stopped
from engines.prism.distributions import Constant, Distribution, Lognormal, Pert, Uniform
from engines.prism.drivers.percentile_tornado import percentile_tornado
from engines.prism.drivers.tornado import Tornado
from engines.prism.fair_node import FairNode
from engines.prism.scenario import AnnualLossModel, BernoulliCount, LossForm, Scenario
from engines.progress import Progress, unreported


def at_most_one(probability: Distribution, loss: Distribution) -> Scenario:
    return Scenario(
        frequencies={"lossEventFrequencyPerYear": probability},
        primary_losses={LossForm.TOTAL: loss},
        count=BernoulliCount(),
    )


def moved(*scenarios: Scenario, percent: float = 90, progress: Progress = unreported) -> Tornado:
    return percentile_tornado(
        {str(i): each for i, each in enumerate(scenarios)},
        percent=percent, low_percent=10, high_percent=90, progress=progress,
    )  # fmt: skip


def test_at_most_one_event_in_closed_form() -> None:
    """A year has a loss with the mean probability 0.5, so P90 of it is the loss's P80. With the
    probability known to be 0.1 it is nothing; with 0.9, the loss's (0.9 - 0.1) / 0.9 quantile.
    With the loss known it is that, as half of the years have it."""
    loss = Lognormal(10, 1)
    answer = moved(at_most_one(Uniform(0, 1), loss))

    def quantile(p: float) -> object:
        return pytest.approx(float(loss.quantile(np.array([p]))[0]), rel=1e-4)

    assert answer.base == quantile(0.8)
    swings = {swing.node: swing for swing in answer.swings}
    often = swings[FairNode.LOSS_EVENT_FREQUENCY]
    assert often.loss_at_low == pytest.approx(0, abs=math.exp(10) * 1e-2)
    assert often.loss_at_high == quantile(0.8 / 0.9)
    severe = swings[FairNode.PRIMARY_LOSS]
    assert (severe.loss_at_low, severe.loss_at_high) == (quantile(0.1), quantile(0.9))


def test_the_widest_is_first() -> None:
    """Of two scenarios, the larger one's estimates."""
    large = at_most_one(Constant(1), Uniform(0, 1000))
    small = at_most_one(Constant(1), Uniform(0, 10))

    assert [swing.scenario for swing in moved(small, large).swings] == ["1", "0"]


def test_product_forms_have_no_exact_percentile() -> None:
    """By name."""
    product = Scenario(
        frequencies={"lossEventFrequencyPerYear": Uniform(0, 1)},
        primary_losses={LossForm.TOTAL: Constant(1)},
        annual_loss=AnnualLossModel.PRODUCT,
    )

    with pytest.raises(InvalidInput, match="unless every annualLossModel is compound") as refusal:
        moved(product)
    assert refusal.value.field == "tornado_percent"


def test_too_many_estimates_are_refused() -> None:
    """Each costs two distributions."""
    forms = {form: Pert(1, 2, 4) for form in LossForm if form is not LossForm.TOTAL}
    rich = Scenario(frequencies={"lossEventFrequencyPerYear": Uniform(0, 1)}, primary_losses=forms)

    with pytest.raises(InvalidInput, match="more than 200 estimates are uncertain"):
        moved(*[rich] * 29)


def test_progress_stops_it() -> None:
    """What the callback raises is let through."""

    def stop(fraction: float, message: str = "") -> None:
        raise Stopped

    with pytest.raises(Stopped):
        moved(at_most_one(Uniform(0, 1), Constant(1)), progress=stop)
