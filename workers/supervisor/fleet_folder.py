"""The data folder of a fleet: one fleet at a time uses it, and is found through it."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from workers.embedded.password import write_private

_LEFTOVERS_SECONDS = 10
_POLL_SECONDS = 0.1


class AlreadyRunning(RuntimeError):
    """Another fleet uses this folder."""


class FolderUnusable(RuntimeError):
    """The folder cannot be made, or may not be written."""


class FleetFolder:
    """Where a fleet keeps its data, its lock and its addresses."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._lock = self.path / "fleet.lock"
        self.addresses = self.path / "fleet.json"
        self.metrics_targets = self.path / "metrics-targets.json"

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Hold the folder, or raise `AlreadyRunning` or `FolderUnusable`. Give what holds it.

        That descriptor, handed to children, holds the folder until the last of them is gone: after
        a kill -9 of the supervisor nobody starts a second Redis on files that the first still
        writes.
        """
        descriptor = self._open_lock()
        try:
            self._acquire(descriptor)
            os.truncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
            try:
                yield descriptor
            finally:
                self.addresses.unlink(missing_ok=True)
                self.metrics_targets.unlink(missing_ok=True)
        finally:
            os.close(descriptor)

    def publish(self, variables: Mapping[str, str]) -> None:
        """Let other commands of the same user find the running fleet."""
        write_private(self.addresses, json.dumps(dict(variables), indent=2))

    def publish_metrics(self, places: Mapping[str, str]) -> None:
        """Let a Prometheus find each worker's `host:port`, by `file_sd_configs`."""
        targets = [
            {"targets": [place], "labels": {"service": name}} for name, place in places.items()
        ]
        self.metrics_targets.write_text(json.dumps(targets, indent=2))

    def running_fleet(self) -> dict[str, str]:
        """Give the variables of the fleet that runs here now; none if none does."""
        try:
            descriptor = os.open(self._lock, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except PermissionError as error:
            raise FolderUnusable(
                f"{self.path} is another user's fleet ({error.strerror}): run this as that user, "
                "or name another folder in RISKFLEET_DATA"
            ) from error
        try:
            if _try_lock(descriptor, fcntl.LOCK_SH):
                return {}
        finally:
            os.close(descriptor)
        if not self.addresses.exists():
            return {}
        variables: dict[str, str] = json.loads(self.addresses.read_text())
        return variables

    def _open_lock(self) -> int:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            return os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise FolderUnusable(
                f"{self.path} cannot be the data folder ({error.strerror}): "
                "name another with --data or RISKFLEET_DATA"
            ) from error

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + _LEFTOVERS_SECONDS
        while not _try_lock(descriptor, fcntl.LOCK_EX):
            pid = int(self._lock.read_text() or 0)
            if psutil.pid_exists(pid) or time.monotonic() > deadline:
                raise AlreadyRunning(f"a fleet already runs in {self.path} (process {pid})")
            time.sleep(_POLL_SECONDS)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
