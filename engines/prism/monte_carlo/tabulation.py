"""From scenarios to tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from engines.errors import InvalidInput
from engines.prism.distributions import Constant
from engines.prism.event_count import event_count
from engines.prism.insurance import EVERYTHING
from engines.prism.monte_carlo.pair_count import pair_probabilities
from engines.prism.monte_carlo.table_book import TableBook
from engines.prism.monte_carlo.tables import Row, Tables, Years
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import (
    AnnualLossModel,
    Contest,
    LossForm,
    Scenario,
    Vulnerability,
    VulnerabilityScope,
)
from engines.prism.vulnerability import probability

MOST_GROUPED_EVENTS: Final = 1024
"""In a year; beyond, a block of grouped years would be too long without a sign of progress."""
MOST_GROUPS: Final = 1 << 13
"""As many as years in a block: beyond, most groups have no year and the rest one."""

STREAMS_A_SCENARIO: Final = 64
_COUNT, _OCCURRENCE, _FACTORS, _VULNERABILITY, _PRIMARY, _SECONDARY = 0, 1, 2, 8, 16, 32
"""Streams of a scenario. Their numbers are for ever: they are part of every result."""
_NONE = -1
_WHETHER = np.array([0.0, 1.0])
"""The atoms of what happens or does not."""


def tabulate(
    portfolio: Portfolio,
    *,
    amounts: Sequence[float] = (),
    largest_event: bool = False,
    contributions: bool = False,
) -> Tables:
    """Tabulate a portfolio and what is asked of it.

    `amounts` are losses whose exceedance is counted exactly. Raises `InvalidInput` where single
    events matter and a scenario has none.
    """
    insurance = portfolio.insurance
    by_event = largest_event or (insurance is not None and insurance.looks_at_events)
    scenarios = portfolio.scenarios
    if by_event:
        _check_events(scenarios)
    forms = _forms(scenarios.values())
    book = TableBook()
    draws = sum(_add(book, scenario, forms, by_event) for scenario in scenarios.values())
    layers = (EVERYTHING, EVERYTHING)
    if insurance is not None:
        layers = (insurance.per_occurrence, insurance.annual_aggregate)
    bounds = [bound for layer in layers for bound in (layer.deductible, layer.limit)]
    return Tables(
        arrays=book.arrays(bounds, amounts),
        names=tuple(scenarios),
        forms=tuple(forms),
        is_insured=insurance is not None,
        has_events=largest_event,
        has_contributions=contributions,
        draws_a_year=draws,
    )


def expected_draws(portfolio: Portfolio) -> float:
    """Give about how many variates a year takes, without tabulating anything."""
    draws = 0.0
    for scenario in portfolio.scenarios.values():
        secondary = scenario.secondary_loss
        losses = len(scenario.primary_losses) + (0 if secondary is None else len(secondary.losses))
        if scenario.annual_loss is AnnualLossModel.PRODUCT:
            draws += losses + len(scenario.frequencies) + 2
        else:
            draws += 1 + event_count(scenario).mean * (1 + losses)
    return draws


def _check_events(scenarios: Mapping[str, Scenario]) -> None:
    for name, scenario in scenarios.items():
        if scenario.annual_loss is AnnualLossModel.PRODUCT:
            raise InvalidInput(
                f"scenarios.{name}.annualLossModel",
                expected="compound, where single loss events matter",
                received=scenario.annual_loss,
            )


def _forms(scenarios: Iterable[Scenario]) -> list[str]:
    """Give the forms of loss that occur, primary ones first, in the order of the taxonomy."""
    primary, secondary = set[LossForm](), set[LossForm]()
    for scenario in scenarios:
        primary |= scenario.primary_losses.keys()
        if scenario.secondary_loss is not None:
            secondary |= scenario.secondary_loss.losses.keys()
    return [
        f"{kind}.{form}"
        for kind, present in (("primary", primary), ("secondary", secondary))
        for form in LossForm
        if form in present
    ]


def _add(book: TableBook, scenario: Scenario, forms: list[str], by_event: bool) -> float:
    """Write a scenario into the book, and give how many variates a year of it takes."""
    stream = book.scenario_count * STREAMS_A_SCENARIO
    row = dict.fromkeys(Row, _NONE)
    if scenario.annual_loss is AnnualLossModel.PRODUCT:
        events, draws = _add_product(book, scenario, stream, row)
    else:
        events, draws = _add_count(book, scenario, stream, row, by_event)
    secondary = {} if scenario.secondary_loss is None else scenario.secondary_loss.losses
    for column, kind, first, losses in (
        (Row.PRIMARY, "primary", _PRIMARY, scenario.primary_losses),
        (Row.SECONDARY, "secondary", _SECONDARY, secondary),
    ):
        row[column] = book.leaf_count
        for place, form in enumerate(LossForm):
            if form in losses:
                at = forms.index(f"{kind}.{form}")
                book.add_leaf(losses[form], stream=stream + first + place, form=at)
    row[Row.END] = book.leaf_count
    book.add_row(row)
    return draws + events * (len(scenario.primary_losses) + len(secondary))


def _add_product(
    book: TableBook, scenario: Scenario, stream: int, row: dict[Row, int]
) -> tuple[float, float]:
    """Write the factors of the frequency, and give events and other variates a year."""
    row[Row.YEARS] = Years.PRODUCT
    if scenario.secondary_loss is not None:
        share = scenario.secondary_loss.probability
        row[Row.OCCURRENCE] = book.add_leaf(share, stream=stream + _OCCURRENCE)
    row[Row.FACTORS] = book.leaf_count
    for place, factor in enumerate(scenario.frequencies.values()):
        book.add_leaf(factor, stream=stream + _FACTORS + place)
    if scenario.vulnerability is not None:
        _add_vulnerability(book, scenario.vulnerability, stream + _VULNERABILITY)
    return 1.0, float(book.leaf_count - row[Row.FACTORS] + 1)


def _add_vulnerability(book: TableBook, vulnerability: Vulnerability, stream: int) -> None:
    """Write what the year's frequency is multiplied by."""
    if vulnerability.scope is not VulnerabilityScope.PER_YEAR:
        book.add_leaf(Constant(probability(vulnerability)), stream=stream)
    elif isinstance(vulnerability.of, Contest):
        # Drawing both strengths and comparing them comes to the same, one by one.
        succeeds = probability(vulnerability)
        shares = np.array([1 - succeeds, succeeds])
        book.add_atoms(_WHETHER, shares, stream=stream)
    else:
        book.add_leaf(vulnerability.of, stream=stream)


def _add_count(
    book: TableBook, scenario: Scenario, stream: int, row: dict[Row, int], by_event: bool
) -> tuple[float, float]:
    """Write the number of events, and give events and other variates a year."""
    count = event_count(scenario)
    least, counts = count.probabilities
    most = least + counts.size - 1
    secondary = scenario.secondary_loss
    occurrence = 0.0 if secondary is None else secondary.probability.mean
    groups = counts.size
    if secondary is not None:
        groups = counts.size * (least + most + 2) // 2
    grouped = not by_event and most <= MOST_GROUPED_EVENTS and groups <= MOST_GROUPS
    row[Row.YEARS] = Years.GROUPED if grouped else Years.BY_EVENT
    row[Row.LEAST], row[Row.MOST] = least, most
    row[Row.IS_PAIRED] = int(grouped and secondary is not None)
    if row[Row.IS_PAIRED]:
        counts = pair_probabilities(least, counts, occurrence)
    elif secondary is not None:
        shares = np.array([1 - occurrence, occurrence])
        row[Row.OCCURRENCE] = book.add_atoms(_WHETHER, shares, stream=stream + _OCCURRENCE)
    numbers = np.arange(counts.size, dtype=np.float64)
    row[Row.COUNT] = book.add_atoms(numbers, counts, stream=stream + _COUNT)
    row[Row.FACTORS] = book.leaf_count
    return count.mean, 1.0 if grouped else 1.0 + count.mean
