"""Make the entries that beat reads say what the ledger says."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import structlog

from queues.ledger import schedules
from workers.resources import Resources
from workers.schedules.entries import Entries

log = structlog.get_logger(__name__)


def mend(resources: Resources, *, now: datetime) -> dict[str, int]:
    """Write what is missing or outdated, delete what nobody has; count each kind.

    Redis is read first: a schedule that is put in between is new in both.
    """
    entries, engine = Entries(resources.redis), resources.ledger.engine
    there = entries.versions()
    wanted = schedules.versions(engine)
    mended: Counter[str] = Counter()
    for place, version in wanted.items():
        if there.get(place) == version:
            continue
        schedule = schedules.find(engine, *place)
        if schedule is not None:
            entries.write(schedule, now=now)
            mended["missing" if there.get(place) is None else "outdated"] += 1
    for tenant, name in there.keys() - wanted.keys():
        entries.delete(tenant, name)
        mended["orphaned"] += 1
    if mended:
        log.warning("schedules_mended", **mended)
    return dict(mended)
