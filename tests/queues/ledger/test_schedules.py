"""The table of schedules: made, changed, paused and removed, each tenant for itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Barrier, Thread

import psycopg
import pytest

from queues.ledger import Ledger, schedules
from queues.ledger.schedules import TooManySchedules
from queues.names import Priority
from queues.schedule import Missed, Schedule, ScheduleTerms

NIGHTLY = ScheduleTerms(
    name="nightly",
    task="fleet.echo",
    request='{"message": "Grüße \\u0000",  "sleepSeconds": 1.50}',
    cron="30 2 * * *",
    time_zone="Europe/Berlin",
)
Put = Callable[..., Schedule]


@pytest.fixture
def put(ledger: Ledger, database_url: str) -> Put:
    """Put a schedule into the empty table; whatever matters to the test is said by keyword."""
    with psycopg.connect(database_url) as connection:
        connection.execute("TRUNCATE riskfleet.schedule")

    def put(
        terms: ScheduleTerms = NIGHTLY, *, tenant: str = "acme", enabled: bool | None = None
    ) -> Schedule:
        return schedules.put(ledger.engine, tenant, terms, enabled=enabled, at_most=3)

    return put


def test_it_is_kept_as_it_came(ledger: Ledger, put: Put) -> None:
    """Every field comes back, the request to the letter."""
    every_minute = ScheduleTerms(
        name="tick",
        task="fleet.echo",
        request="{}",
        priority=Priority.LOW,
        every_seconds=60.5,
        missed=Missed.SKIP,
    )
    kept = [put(NIGHTLY), put(every_minute, enabled=False)]

    for terms, schedule in zip((NIGHTLY, every_minute), kept, strict=True):
        assert vars(schedule).items() >= vars(terms).items()
        assert schedules.find(ledger.engine, "acme", terms.name) == schedule
    assert [schedule.enabled for schedule in kept] == [True, False]
    assert schedules.listed(ledger.engine) == kept


def test_what_is_put_again_is_left_as_it_is(put: Put) -> None:
    """A backend may put its schedules at each start: nothing moves, not even a time."""
    first = put()

    assert put() == first


@pytest.mark.parametrize(
    "change",
    [
        {"task": "prism.simulate_scenario"},
        {"request": '{"message": "other"}'},
        {"priority": Priority.HIGH},
        {"cron": "31 2 * * *"},
        {"cron": None, "every_seconds": 60.0},
        {"time_zone": "UTC"},
        {"missed": Missed.SKIP},
    ],
    ids=str,
)
def test_a_change_is_taken_over(put: Put, change: dict[str, object]) -> None:
    """Whatever differs is kept, and counts from now on."""
    first = put()

    changed = put(replace(NIGHTLY, **change))  # type: ignore[arg-type]

    assert vars(changed).items() >= change.items()
    assert changed.created_at == first.created_at
    assert changed.updated_at > first.updated_at


def test_pausing_outlasts_a_change(ledger: Ledger, put: Put) -> None:
    """Who puts a paused schedule again without a word on it does not set it going."""
    put()
    paused = schedules.enable(ledger.engine, "acme", "nightly", enabled=False)

    assert paused is not None
    assert not paused.enabled
    assert schedules.enable(ledger.engine, "acme", "nightly", enabled=False) == paused
    assert put() == paused
    assert not put(replace(NIGHTLY, priority=Priority.HIGH)).enabled
    resumed = put(enabled=True)
    assert resumed.enabled
    assert resumed.updated_at > paused.updated_at


def test_a_name_is_a_tenants_own(ledger: Ledger, put: Put) -> None:
    """Two tenants may use one name; what one does with it, the other does not notice."""
    engine = ledger.engine
    ours, theirs = put(), put(tenant="other")

    assert schedules.listed(engine, tenant="acme") == [ours]
    assert schedules.enable(engine, "third", "nightly", enabled=False) is None
    assert not schedules.remove(engine, "third", "nightly")
    assert schedules.remove(engine, "acme", "nightly")
    assert not schedules.remove(engine, "acme", "nightly")
    assert schedules.listed(engine) == [theirs]


def test_there_is_an_end_to_them(ledger: Ledger, put: Put) -> None:
    """Of any number of puts at once no more are kept than a tenant may have; changes still go."""
    barrier, refused = Barrier(8), []

    def attempt(number: int) -> None:
        barrier.wait()
        try:
            put(replace(NIGHTLY, name=f"number-{number}"))
        except TooManySchedules:
            refused.append(number)

    threads = [Thread(target=attempt, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = schedules.listed(ledger.engine, tenant="acme")
    assert (len(kept), len(refused)) == (3, 5)
    assert put(replace(NIGHTLY, name=kept[0].name, priority=Priority.LOW)).priority is Priority.LOW
    put(tenant="other")
