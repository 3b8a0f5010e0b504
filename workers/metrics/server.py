"""The step of a worker that shows its metrics; it loads prometheus_client, an extra, only then."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import structlog
from celery import bootsteps

from config.environment import ConfigurationError, Problem, read
from config.metrics import MetricsSettings

log = structlog.get_logger(__name__)


def check_extra() -> None:
    """Raise `ConfigurationError` if metrics are asked for and cannot be made."""
    if read(MetricsSettings).port is not None and not is_installed():
        raise ConfigurationError(
            (
                Problem(
                    MetricsSettings.variable("port"),
                    "the extra `metrics` to be installed (pip install 'riskfleet[metrics]')",
                    "a port and no prometheus_client",
                ),
            )
        )


def is_installed() -> bool:
    """Tell whether the extra `metrics` is there."""
    return find_spec("prometheus_client") is not None


def serve_process_metrics() -> None:
    """Show the metrics of a process that is no worker, if a port is set."""
    check_extra()
    settings = read(MetricsSettings)
    if settings.port is not None:
        from workers.metrics.exporter import of_this_process, serve

        serve(of_this_process(), settings)


class MetricsServer(bootsteps.StartStopStep):
    """Counts and serves from after the pool has forked until the process ends."""

    requires = ("celery.worker.components:Pool",)

    def include_if(self, worker: Any) -> bool:
        """Run where a port is set."""
        return read(MetricsSettings).port is not None

    def start(self, worker: Any) -> None:
        """Begin to count and to serve."""
        from workers.metrics.exporter import observe, of_this_process, serve

        settings, registry = read(MetricsSettings), of_this_process()
        worker.app.observer = observe(worker, registry)
        serve(registry, settings)
        log.info("metrics_served", host=settings.host, port=settings.port)
