"""`docs/metrics.md`, written from the declared metrics."""

from __future__ import annotations

from collections.abc import Iterable

from workers.metrics.declared import OF_A_WORKER, OF_THE_FLEET, Metric
from workers.reference.markdown import table

_OPENING = """\
# Metrics

What Prometheus reads at `GET /metrics` of a worker that has a `RISKFLEET_METRICS_PORT` (it needs
the extra `metrics`). `fleet up` gives each of its workers a port from 9540 upwards and lists them
in `.fleet/metrics-targets.json`, which Prometheus' `file_sd_configs` reads as it is. In production
`ops/prometheus/prometheus.yml` finds them, `ops/prometheus/alerts.yml` says when to wake somebody,
and `ops/grafana/dashboards/riskfleet.json` draws them.

Labels are closed sets; none names a tenant or a job. This page is generated: `fleet contract`.
"""
_WORKER = """
## Of each worker
Counted in the worker's main process, which hears of every job of its processes or threads. Sum over
workers. Beside these there are `process_*`, of that main process alone.

"""
_FLEET = """
## Of the fleet
Looked up at each scrape by the worker that keeps house. If several do, each says the same: take
`max`, never `sum` (`riskfleet_reconciled_total`, a counter, is the exception).

"""


def metrics_page() -> str:
    """Give the text of the page."""
    return _OPENING + _WORKER + _table(OF_A_WORKER) + _FLEET + _table(OF_THE_FLEET)


def _table(metrics: Iterable[Metric]) -> str:
    return table(
        ("metric", "kind", "labels", "meaning"),
        (
            (
                f"`{metric.name}`",
                metric.kind.value,
                ", ".join(f"`{label}`" for label in metric.labels),
                metric.meaning,
            )
            for metric in metrics
        ),
    )
