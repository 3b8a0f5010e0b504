"""The same tables and seed give the same bits, whoever computes them."""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import InvalidInput
from engines.prism.distributions import Constant, Empirical, Lognormal, Pert
from engines.prism.insurance import Insurance, Layer
from engines.prism.monte_carlo import simulation
from engines.prism.monte_carlo.quantile_table import TABLE_SIZE
from engines.prism.monte_carlo.simulation import (
    SimulatedYears,
    block_count,
    merge_years,
    simulate,
)
from engines.prism.monte_carlo.table_book import TableBook
from engines.prism.monte_carlo.tables import Row, Tables, Years
from engines.prism.monte_carlo.tabulation import tabulate
from engines.prism.monte_carlo.workspace import BLOCK_TRIALS
from engines.prism.portfolio import Portfolio
from engines.prism.scenario import LossForm, Scenario, SecondaryLoss
from engines.progress import unreported

ROOT = Path(__file__).parents[4]
GOLDEN = "89c4372a39b885cd"
"""Of `handmade` tables. It changes when results do, and with it `tables.VERSION`."""


def example(*, by_event: bool) -> Tables:
    """A portfolio with everything in it that is counted."""
    scenario = Scenario(
        frequencies={"lossEventFrequency": Pert(0, 1, 5)},
        primary_losses={
            LossForm.RESPONSE: Lognormal(2, 1),
            LossForm.FINES_AND_JUDGEMENTS: Constant(3),
        },
        secondary_loss=SecondaryLoss(
            probability=Constant(0.3), losses={LossForm.REPUTATION: Empirical((1.0, 20.0))}
        ),
    )
    layer = Layer(deductible=2, limit=50)
    return tabulate(
        Portfolio(
            scenarios={"a": scenario, "b": scenario},
            insurance=Insurance(per_occurrence=layer)
            if by_event
            else Insurance(annual_aggregate=layer),
        ),
        amounts=(10.0, 100.0),
        largest_event=by_event,
        contributions=True,
    )


def handmade() -> Tables:
    """Tables of numbers that are exact, so that they are the same on every processor."""
    book, places = TableBook(), np.arange(TABLE_SIZE)
    # A height between 1 and 4, then a slope, of each cell.
    table = np.where(places % 2 == 0, 1 + places / 2.0**11, places / 2.0**56)
    rows = []
    for years in (Years.GROUPED, Years.BY_EVENT, Years.PRODUCT):
        row = dict.fromkeys(Row, -1) | {
            Row.YEARS: years,
            Row.LEAST: 0,
            Row.MOST: 3,
            Row.IS_PAIRED: 0,
        }
        stream = 64 * len(rows)
        numbers = np.arange(4.0)
        row[Row.COUNT] = book.add_atoms(numbers, np.array([4, 2, 1, 1]) / 8, stream=stream)
        row[Row.OCCURRENCE] = book.add_atoms(
            np.array([0.0, 1.0]), np.array([0.75, 0.25]), stream=stream + 1
        )
        row[Row.FACTORS] = book.leaf_count
        if years is Years.PRODUCT:
            book.add_atoms(numbers / 4, np.array([1, 1, 1, 1]) / 4, stream=stream + 2)
        row[Row.PRIMARY] = book.leaf_count
        book.add_lines(table, stream=stream + 16)
        row[Row.SECONDARY] = book.leaf_count
        book.add_atoms(numbers * 5, np.array([1, 1, 1, 5]) / 8, stream=stream + 32)
        row[Row.END] = book.leaf_count
        book.add_row(row)
        rows.append(row)
    return Tables(
        arrays=book.arrays((0.0, np.inf, 1.0, 8.0), (2.0,)),
        names=("grouped", "by event", "product"),
        forms=("primary.total",),
        is_insured=True,
        has_events=True,
        has_contributions=True,
        draws_a_year=9.0,
    )


def numbers(years: SimulatedYears) -> list[object]:
    """Everything that was counted, as plain numbers."""
    found: list[object] = []
    for tally in (years.gross, years.ceded, years.net, years.largest_event):
        if tally is not None:
            found += [tally.trials, tally.smallest, tally.largest, tally.above]
            found += [tally.cells.tolist(), tally.counts.tolist(), tally.residuals.tolist()]
    for parts in (years.by_scenario, years.by_form):
        if parts is not None:
            found += [parts.cells.tolist(), parts.sums.tolist()]
    return found


def run(tables: Tables, trials: int, blocks: range | None = None, seed: int = 1) -> SimulatedYears:
    blocks = blocks or range(block_count(trials))
    return simulate(tables, seed=seed, trials=trials, blocks=blocks, progress=unreported)


@settings(max_examples=12)
@given(
    st.booleans(),
    st.integers(1, 6 * BLOCK_TRIALS),
    st.sets(st.integers(1, 5)),
    st.randoms(),
)
def test_any_cut_into_shards_gives_the_same_numbers(
    by_event: bool, trials: int, cuts: set[int], chance: random.Random
) -> None:
    """Whole, or in shards merged in any order, by tables that have travelled."""
    tables, blocks = example(by_event=by_event), block_count(trials)
    edges = [0, *sorted(cut for cut in cuts if cut < blocks), blocks]
    sent = Tables.from_bytes(tables.to_bytes())
    shards = [run(sent, trials, range(*each)) for each in itertools.pairwise(edges)]
    chance.shuffle(shards)

    assert numbers(run(tables, trials)) == numbers(merge_years(shards))


def test_interruptions_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopping every few events, within blocks and years, gives what one go gives."""
    for tables in (example(by_event=True), handmade()):
        at_once = numbers(run(tables, 5000))
        with monkeypatch.context() as patch:
            patch.setattr(simulation, "_WORK", 100)

            assert at_once == numbers(run(tables, 5000))


def test_the_numbers_never_change() -> None:
    """On this processor and every other; a change is a new version of the tables."""
    found = numbers(run(handmade(), 10_000))

    assert hashlib.sha256(repr(found).encode()).hexdigest()[:16] == GOLDEN


def test_an_old_processor_computes_the_same() -> None:
    """Kernels compiled for x86-64 without AVX or FMA give the bits that this processor's do."""
    script = ROOT / "tests" / "engines" / "prism" / "monte_carlo" / "kernel_bits.py"

    def under(**settings: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
        command = [sys.executable, str(script)]
        return subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True
        ).stdout

    assert under() == under(NUMBA_CPU_NAME="x86-64", NUMBA_CPU_FEATURES="")


def test_another_seed_gives_other_years() -> None:
    """And the same seed the same."""
    tables = example(by_event=False)

    assert numbers(run(tables, 5000, seed=2**53 - 1)) == numbers(run(tables, 5000, seed=2**53 - 1))
    assert numbers(run(tables, 5000, seed=1)) != numbers(run(tables, 5000, seed=2))


def test_more_trials_begin_with_the_fewer() -> None:
    """A longer simulation refines a shorter one: their first block is the same."""
    tables = example(by_event=False)
    first = range(1)

    assert numbers(run(tables, BLOCK_TRIALS, first)) == numbers(run(tables, 50_000, first))


def test_tables_travel_whole() -> None:
    """With their digest, which belongs to their bytes."""
    tables = example(by_event=True)
    sent = Tables.from_bytes(tables.to_bytes())

    assert tables.to_bytes() == sent.to_bytes()
    assert tables.sha256 == sent.sha256 == hashlib.sha256(tables.to_bytes()).hexdigest()
    assert tables.sha256 != example(by_event=False).sha256


@pytest.mark.parametrize("data", [b"", b"{}", b'{"version": 0, "arrays": []}\n', b"\x80\x04pickle"])
def test_other_bytes_are_refused(data: bytes) -> None:
    """Nothing is run or guessed."""
    with pytest.raises(InvalidInput) as refusal:
        Tables.from_bytes(data)

    assert refusal.value.field == "tables"
