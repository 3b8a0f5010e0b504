"""A worker's registry, and how its samples are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from prometheus_client import CollectorRegistry

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def samples(registry: CollectorRegistry) -> Callable[[str], Samples]:
    """Give what a series has, by its labels' values in the order of their names."""

    def read(name: str) -> Samples:
        found = (sample for family in registry.collect() for sample in family.samples)
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for sample in found
            if sample.name == name
        }

    return read
