"""What the machine itself offers: Python, Node, disk, memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil

from config.environment import ConfigurationError, read
from config.pools import POOLS
from workers.doctor.finding import Finding, Grade
from workers.pools import BY_NAME

_OLDEST_NODE = 20
_LEAST_DISK_BYTES = 1 << 30


def python() -> Finding:
    """Name the Python we run on."""
    return Finding("python", Grade.FINE, sys.version.split()[0])


def node() -> Finding:
    """Look for a Node that can build the TypeScript client."""
    node = shutil.which("node")
    mend = f"install Node {_OLDEST_NODE} or newer, if the TypeScript client is built here"
    if node is None:
        return Finding("node", Grade.NOTE, "not installed", mend)
    found = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    major = found.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < _OLDEST_NODE:
        return Finding("node", Grade.NOTE, found.strip(), mend)
    return Finding("node", Grade.FINE, found.strip())


def disk(folder: Path) -> Finding:
    """Look at the free space where the fleet keeps its data."""
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / 2**30:.1f} GiB free at {existing}"
    if free < _LEAST_DISK_BYTES:
        return Finding("disk", Grade.WRONG, found, "free some, or set RISKFLEET_DATA elsewhere")
    return Finding("disk", Grade.FINE, found)


def memory() -> Finding:
    """Compare what is free with what the largest pool may take."""
    try:
        sizes = {name: read(kind) for name, kind in POOLS.items()}
    except ConfigurationError as error:
        return Finding("memory", Grade.WRONG, str(error), "see .env.example")
    needs = {
        name: size.memory_mib * (size.concurrency if BY_NAME[name].celery_pool == "prefork" else 1)
        for name, size in sizes.items()
    }
    pool, most = max(needs.items(), key=lambda item: item[1])
    available = psutil.virtual_memory().available >> 20
    found = f"{available} MiB available; the largest pool, {pool}, may use {most} MiB"
    if available < most:
        mend = f"lower RISKFLEET_{pool.upper()}_CONCURRENCY or RISKFLEET_{pool.upper()}_MEMORY_MIB"
        return Finding("memory", Grade.NOTE, found, mend)
    return Finding("memory", Grade.FINE, found)
