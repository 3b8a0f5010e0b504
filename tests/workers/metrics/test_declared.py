"""What is exported is what is declared, and what is declared is documented."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry

from tasks.catalogue import CATALOGUE
from workers import side_thread
from workers.metrics import declared
from workers.metrics.exporter import of_this_process
from workers.metrics.fleet_collector import FleetCollector
from workers.metrics.job_metrics import HousekeepingMetrics, JobMetrics
from workers.metrics.worker_collector import WorkerCollector
from workers.reference.metrics_page import metrics_page
from workers.resources import Resources

ROOT = Path(__file__).parents[3]


@pytest.fixture
def whole(resources: Resources) -> CollectorRegistry:
    """A registry with everything that any worker exports."""
    registry = of_this_process()
    queues = SimpleNamespace(consume_from={"cpu": None})
    app = SimpleNamespace(amqp=SimpleNamespace(queues=queues))
    registry.register(WorkerCollector(SimpleNamespace(app=app, concurrency=2)))
    registry.register(FleetCollector(resources.redis, resources.ledger))
    JobMetrics(registry, queue="cpu", catalogue=CATALOGUE)
    HousekeepingMetrics(registry)
    side_thread.repeat("test", lambda: None, every_seconds=3600)
    return registry


def test_everything_declared_is_exported_as_declared(whole: CollectorRegistry) -> None:
    """Names, kinds, labels and meanings; nothing beside, and nothing without a first sample."""
    exported = {
        (
            family.name + ("_total" if family.type == "counter" else ""),
            family.type,
            frozenset(set(family.samples[0].labels) - {"le"}),
            family.documentation,
        )
        for family in whole.collect()
        if family.name.startswith("riskfleet_")
    }

    assert exported == {
        (each.name, each.kind.value, frozenset(each.labels), each.meaning) for each in declared.ALL
    }


def test_the_page_is_up_to_date() -> None:
    """docs/metrics.md says what the code says: `fleet contract`."""
    assert (ROOT / "docs/metrics.md").read_text() == metrics_page()


def test_no_label_is_unbounded() -> None:
    """Tenants and jobs are never labels: each value would be a series for weeks."""
    labels = {label for metric in declared.ALL for label in metric.labels}

    assert labels == {
        *("task", "queue", "state", "reason", "priority", "thread", "trouble"),
        *("version", "celery", "python"),
    }
