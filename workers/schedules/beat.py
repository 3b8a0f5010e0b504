"""`fleet beat`: what runs by the clock, the fleet's own upkeep and the schedules of tenants.

Of several beats only the one that holds RedBeat's lock sends; another takes over when it ends.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import structlog
from celery.schedules import crontab
from celery.signals import beat_init, setup_logging
from redbeat import RedBeatScheduler
from redis.exceptions import RedisError, ResponseError

from workers.app import fleet_app
from workers.housekeeping import APPLY_RETENTION, MEND_SCHEDULES, RECONCILE, RECORD_STATISTICS
from workers.intake import HOUSEKEEPING
from workers.log import configure_logging
from workers.schedules.sending import send_due

log = structlog.get_logger(__name__)


class FleetScheduler(RedBeatScheduler):
    """RedBeat, which sends the upkeep, and after it the jobs that are due."""

    def setup_schedule(self) -> None:
        """Write the upkeep, and drop what is none: garbage would end every beat that reads it."""
        redis, conf = self.app.fleet.resources().redis, self.app.redbeat_conf
        upkeep_keys = {self.Entry.generate_key(self.app, name) for name in conf.schedule}
        for key in upkeep_keys:
            try:
                self.Entry.from_key(key, app=self.app)
            except KeyError:
                pass  # it is not there yet
            except (TypeError, ValueError, ResponseError) as error:
                log.warning("upkeep_unreadable", key=key, error=repr(error))
                redis.delete(key)
        strange = [key for key in redis.zrange(conf.schedule_key, 0, -1) if key not in upkeep_keys]
        if strange:
            redis.zrem(conf.schedule_key, *strange)
        super().setup_schedule()

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Send what is due, if the lock is still ours; give how long to sleep, in seconds."""
        try:
            seconds: float = super().tick(*arguments, **options)
            upcoming = send_due(self.app.fleet.resources().redis, now=datetime.now(UTC))
        except RedisError as error:
            # The lock may be another's by now, so who goes on is decided anew, at a start.
            log.warning("beat_ends", reason="Redis is away, and with it the lock", error=str(error))
            self.lock = None
            raise SystemExit(1) from None
        if upcoming is None:
            return seconds
        return min(seconds, max(0.0, (upcoming - datetime.now(UTC)).total_seconds()))


def run_beat() -> None:
    """Send what is due until told to stop."""
    configure_logging()
    setup_logging.connect(lambda **_: None, weak=False)
    beat_init.connect(lambda **_: log.info("beat_ready"), weak=False)
    app = fleet_app()
    # RedBeat 2.5 no longer takes the broker's. Only here: a worker shows its configuration to
    # whoever asks, and hides the password of no other setting than the broker's.
    app.conf.redbeat_redis_url = app.conf.broker_url
    app.conf.beat_schedule = upkeep(app.fleet.settings.renewal_seconds)
    app.Beat(scheduler="workers.schedules.beat:FleetScheduler", quiet=True).run()


def upkeep(reconcile_seconds: float) -> dict[str, dict[str, Any]]:
    """Give the fleet's own schedule. What was not taken by the next time is not worth running."""
    return {
        task: {
            "task": task,
            "schedule": clock,
            "options": {"queue": HOUSEKEEPING, "expires": expires},
        }
        for task, clock, expires in (
            (RECONCILE, reconcile_seconds, reconcile_seconds),
            (MEND_SCHEDULES, reconcile_seconds, reconcile_seconds),
            (APPLY_RETENTION, crontab(minute="17", hour="3"), 3600),
            (RECORD_STATISTICS, crontab(minute="5"), 3600),
        )
    }
