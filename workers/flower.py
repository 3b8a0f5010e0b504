"""Flower, Celery's view of running workers: to look at, not to act with, behind a password."""

from __future__ import annotations

import signal
import sys
from typing import Any

from config.environment import read
from config.flower import FlowerSettings
from workers.app import fleet_app
from workers.log import configure_logging


def run_flower() -> None:
    """Serve Flower until told to stop. Its own command line would show the password in `ps`."""
    configure_logging()
    settings = read(FlowerSettings)
    # Here, because Flower is an extra; its options exist once its modules are loaded.
    from flower import options as _  # noqa: F401
    from flower.app import Flower
    from flower.urls import settings as flower_settings
    from flower.views.monitor import Metrics
    from tornado.options import options
    from tornado.web import authenticated

    class GuardedMetrics(Metrics):
        """Flower's own are open to everybody."""

        get = authenticated(Metrics.get)

    options.address = settings.flower_host
    options.port = settings.flower_port
    options.basic_auth = [f"{settings.flower_user}:{settings.flower_password.get_secret_value()}"]
    # Whoever has the password may not stop workers; and what it would revoke, the ledger runs on.
    options.read_only = True
    signal.signal(signal.SIGTERM, _exit)
    flower = Flower(capp=fleet_app(), options=options, **flower_settings)
    flower.add_handlers(".*", [("/metrics", GuardedMetrics)])
    try:
        flower.start_http_server()
    except OSError as error:
        place = f"{settings.flower_host}:{settings.flower_port}"
        sys.exit(f"flower: cannot listen on {place}: {error.strerror}")
    try:
        flower.start()
    except (KeyboardInterrupt, SystemExit):
        flower.stop()


def _exit(*_: Any) -> None:
    sys.exit(0)
