"""The machine: what it is, how busy it is, and how much of that is ours."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import psutil

_QUIET = 0.05
_PATIENCE_SECONDS = 10
_NAMED = ("celery", "kombu", "dramatiq", "redis", "psycopg", "pydantic")


def describe(packages: Sequence[str] = _NAMED) -> dict[str, str]:
    """Give what the figures depend on, with the versions of these packages."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    kernel = ".".join(platform.release().split(".")[:2])
    return {
        "cpu": f"{len(models)} x {models[0]}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {kernel}, Python {platform.python_version()}",
        "packages": ", ".join(f"{name} {version(name)}" for name in packages),
    }


def wait_for_quiet() -> None:
    """Wait a little for others to leave the machine alone."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while psutil.cpu_percent(interval=0.5) / 100 > _QUIET and time.monotonic() < end:
        pass


def load_average() -> float:
    """Give how many processes wanted a core in the last minute, ours included."""
    return os.getloadavg()[0]


def busy_seconds() -> float:
    """Give the CPU time that all processes of the machine have used."""
    times = psutil.cpu_times()
    return float(sum(times[:8]) - times.idle - times.iowait)


def cpu_seconds(pid: int) -> tuple[float, float]:
    """Give the CPU time of a process, and that of its children, dead ones included."""
    process = psutil.Process(pid)
    own = process.cpu_times()
    children = own.children_user + own.children_system
    for child in process.children(recursive=True):
        times = child.cpu_times()
        children += times.user + times.system
    return own.user + own.system, children


def server_cpu_seconds() -> dict[str, float]:
    """Give the CPU time of the embedded servers, which are children of this process."""
    names = {"redis-server": "Redis", "postgres": "Postgres"}
    return {
        names[child.name()]: sum(cpu_seconds(child.pid))
        for child in psutil.Process().children()
        if child.name() in names
    }


def cores() -> int:
    """Give how many cores there are."""
    return psutil.cpu_count() or 1
