"""How big each pool of workers is."""

from __future__ import annotations

import os

from pydantic import Field, PositiveInt
from pydantic_settings import SettingsConfigDict

from config.settings import Settings


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class PoolSettings(Settings):
    """The size of one pool on one machine."""

    concurrency: PositiveInt
    """How many jobs run side by side."""
    memory_mib: PositiveInt
    """How much memory a process of the pool may use."""


class CpuSettings(PoolSettings):
    """Simulation and statistics: one process a core."""

    model_config = SettingsConfigDict(env_prefix="RISKFLEET_CPU_")

    concurrency: PositiveInt = Field(default_factory=_usable_cores)
    """How many jobs run side by side; one a core unless set."""
    memory_mib: PositiveInt = 2048


class GpuSettings(PoolSettings):
    """Models: threads of the one process that owns the device."""

    model_config = SettingsConfigDict(env_prefix="RISKFLEET_GPU_")

    concurrency: PositiveInt = 8
    memory_mib: PositiveInt = 16384


class EtlSettings(PoolSettings):
    """Tables: few processes, each of which uses every core."""

    model_config = SettingsConfigDict(env_prefix="RISKFLEET_ETL_")

    concurrency: PositiveInt = 1
    memory_mib: PositiveInt = 4096


class SecuritySettings(PoolSettings):
    """Scans and log analysis: they mostly wait for the network."""

    model_config = SettingsConfigDict(env_prefix="RISKFLEET_SECURITY_")

    concurrency: PositiveInt = 2
    memory_mib: PositiveInt = 2048


POOLS: dict[str, type[PoolSettings]] = {
    "cpu": CpuSettings,
    "gpu": GpuSettings,
    "etl": EtlSettings,
    "security": SecuritySettings,
}
"""Pool name -> its settings type."""
