"""prometheus_client's objects, made of declarations."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily

from workers.metrics.declared import Metric

_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds; from an echo to the longest job, with the usual time limits among them."""


def counter(metric: Metric, registry: CollectorRegistry) -> Counter:
    """Give a declared counter."""
    return Counter(metric.name, metric.meaning, metric.labels, registry=registry)


def gauge(metric: Metric, registry: CollectorRegistry) -> Gauge:
    """Give a declared gauge that its owner sets."""
    return Gauge(metric.name, metric.meaning, metric.labels, registry=registry)


def histogram(metric: Metric, registry: CollectorRegistry) -> Histogram:
    """Give a declared histogram of seconds."""
    return Histogram(
        metric.name, metric.meaning, metric.labels, buckets=_BUCKETS, registry=registry
    )


def looked_up(metric: Metric) -> GaugeMetricFamily:
    """Give a declared gauge whose samples are found at each scrape."""
    return GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)
