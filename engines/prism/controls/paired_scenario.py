"""The same years of a scenario with and without controls: common random numbers.

A year's events are drawn once, at the highest rate that any variant gives the year, and each has a
mark in (0, 1): a variant keeps those whose mark lies below its share of that rate. So the events
after a control are those before it, less the ones it prevents, and what an event costs is one draw
of each loss, scaled. Thinned counts are the counts at the lower rate, for every count model that a
scenario knows (Klugman, Panjer and Willmot, Loss Models, 4th ed., Wiley 2012, section 8.6), so each
variant by itself has the right distribution; together they differ by what the controls do only.

Source of the method: Glasserman and Yao, Management Science 38(6) (1992), pp. 884-908.

Each year also takes one of the joint draws of the effects: what is uncertain about the controls is
part of the distribution after them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final

import numpy as np

from engines.prism.controls.changed_scenario import ChangedScenario
from engines.prism.controls.effect_draws import DRAWS
from engines.prism.controls.paired_losses import Integers, PairedLosses, add_events
from engines.prism.controls.shared_variates import BlockStreams, Source, shared_variates
from engines.prism.distributions import Distribution, Floats, Uniform
from engines.prism.fair_node import FairNode, leaves_of
from engines.prism.scenario import (
    AnnualLossModel,
    BernoulliCount,
    LossForm,
    NegativeBinomialCount,
    VulnerabilityScope,
)

_PIECE_EVENTS: Final = 1 << 17
"""Loss events drawn at once: a few MiB, however many the years have."""
_SUCCESS, _PROBABILITY, _PRIMARY, _SECONDARY = 8, 9, 16, 32
"""Parts of a scenario that have streams of their own, beside the frequencies from 0 on."""


class PairedScenario:
    """One scenario in several variants, each under other controls."""

    def __init__(self, variants: Sequence[ChangedScenario]) -> None:
        self._variants = variants
        self._scenario = variants[0].scenario
        self._sources: dict[Distribution, Source] = {}

    def annual_losses(
        self, streams: BlockStreams, draws: Integers, pulse: Callable[[], None]
    ) -> Floats:
        """Give the losses (variants, years) of years with these numbers of draws of the effects.

        `pulse` is called before every piece of work and may raise.
        """
        pulse()
        rates = self._rates(streams, draws)
        if self._scenario.annual_loss is AnnualLossModel.PRODUCT:
            return rates * self._magnitudes(streams, draws)
        annual = np.zeros_like(rates)
        highest = rates.max(axis=0)
        shares = np.divide(rates, highest, out=np.zeros_like(rates), where=highest > 0)
        primary, secondary = self._primary, self._secondary
        starts, secondary_starts = self._starts(streams)
        generator = streams.generator()
        first = 0
        for years in _pieces(self._counts(generator, highest)):
            pulse()
            marks, occurs = generator.random((2, years.size))
            add_events(
                annual, years, draws, marks, shares,
                primary.draw(starts, first, years.size),
                primary.which, primary.scales, primary.scaled_by,
                occurs, self._secondary_probabilities,
                secondary.draw(secondary_starts, first, years.size),
                secondary.which, secondary.scales, secondary.scaled_by,
            )  # fmt: skip
            first += years.size
        return annual

    def _rates(self, streams: BlockStreams, draws: Integers) -> Floats:
        """Give the rates of loss events (variants, years)."""
        vulnerability = self._scenario.vulnerability
        is_yearly = vulnerability is not None and vulnerability.scope is VulnerabilityScope.PER_YEAR
        yearly = [FairNode(name) for name in self._scenario.frequencies]
        if is_yearly and FairNode.VULNERABILITY in leaves_of(self._scenario):
            yearly.append(FairNode.VULNERABILITY)
        success = self._values(Uniform(0, 1), streams, _SUCCESS, draws.size)
        drawn: dict[tuple[FairNode, Distribution], Floats] = {}
        rates = np.empty((len(self._variants), draws.size))
        for row, variant in zip(rates, self._variants, strict=True):
            leaves = leaves_of(variant.scenario)
            row[:] = _by_year(variant.rate_factor, draws)
            for part, node in enumerate(yearly):
                key = node, leaves[node]
                if key not in drawn:
                    drawn[key] = self._values(leaves[node], streams, part, draws.size)
                row *= drawn[key]
            if not is_yearly:
                row *= _by_year(variant.vulnerability, draws)
            elif FairNode.VULNERABILITY not in yearly:
                row *= success < _by_year(variant.vulnerability, draws)
        return rates

    def _counts(self, generator: np.random.Generator, rates: Floats) -> Integers:
        count = self._scenario.count
        if isinstance(count, BernoulliCount):
            return (generator.random(rates.size) < rates).astype(np.int64)
        if isinstance(count, NegativeBinomialCount):
            rates = rates * (generator.standard_gamma(count.size, rates.size) / count.size)
        return generator.poisson(rates)

    def _magnitudes(self, streams: BlockStreams, draws: Integers) -> Floats:
        """Give the loss of an event (variants, years) where a year draws it once."""
        starts, secondary_starts = self._starts(streams)
        losses = self._primary.sums(self._primary.draw(starts, 0, draws.size), draws)
        if self._scenario.secondary_loss is None:
            return losses
        values = self._secondary.draw(secondary_starts, 0, draws.size)
        secondary = self._secondary.sums(values, draws)
        for variant, row in zip(self._variants, secondary, strict=True):
            probability = leaves_of(variant.scenario)[FairNode.SECONDARY_PROBABILITY]
            row *= _by_year(variant.secondary_probability_factor, draws)
            row *= self._values(probability, streams, _PROBABILITY, draws.size)
        return losses + secondary

    def _values(
        self, distribution: Distribution, streams: BlockStreams, part: int, size: int
    ) -> Floats:
        if distribution not in self._sources:
            self._sources[distribution] = shared_variates(distribution)
        return self._sources[distribution](streams.start(part), 0, size)

    def _starts(self, streams: BlockStreams) -> tuple[list[int], list[int]]:
        """Give where the words of each form of primary and secondary loss begin."""
        primary = [streams.start(_PRIMARY + form) for form in range(len(LossForm))]
        return primary, [streams.start(_SECONDARY + form) for form in range(len(LossForm))]

    @cached_property
    def _primary(self) -> PairedLosses:
        return PairedLosses.of(
            [tuple(variant.scenario.primary_losses.values()) for variant in self._variants],
            [variant.primary_factors for variant in self._variants],
        )

    @cached_property
    def _secondary(self) -> PairedLosses:
        parts = [variant.scenario.secondary_loss for variant in self._variants]
        return PairedLosses.of(
            [() if part is None else tuple(part.losses.values()) for part in parts],
            [variant.secondary_factors for variant in self._variants],
        )

    @cached_property
    def _secondary_probabilities(self) -> Floats:
        each = [variant.secondary_probability for variant in self._variants]
        return np.stack([np.broadcast_to(probability, DRAWS) for probability in each])


def _by_year(by_draw: Floats, draws: Integers) -> Floats:
    return by_draw if by_draw.size == 1 else by_draw[draws]


def _pieces(counts: Integers) -> Iterator[Integers]:
    """Give the year of every event in order, `_PIECE_EVENTS` at a time."""
    ends = np.cumsum(counts)
    total = int(ends[-1])
    for start in range(0, total, _PIECE_EVENTS):
        stop = min(start + _PIECE_EVENTS, total)
        first, last = np.searchsorted(ends, start, "right"), np.searchsorted(ends, stop, "left")
        years = np.arange(first, last + 1)
        inside = np.minimum(ends[years], stop) - np.maximum(ends[years] - counts[years], start)
        yield np.repeat(years, inside)
