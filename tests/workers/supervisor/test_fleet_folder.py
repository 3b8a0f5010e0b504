"""One fleet at a time uses a folder, and others find it there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from workers.supervisor.fleet_folder import AlreadyRunning, FleetFolder, FolderUnusable


def test_a_second_fleet_is_refused_by_name(tmp_path: Path) -> None:
    """Whoever comes second is told which process came first."""
    with (
        FleetFolder(tmp_path).locked(),
        pytest.raises(AlreadyRunning, match=rf"already runs in {tmp_path} \(process {os.getpid()}"),
        FleetFolder(tmp_path).locked(),
    ):
        pass


def test_a_running_fleet_is_found(tmp_path: Path) -> None:
    """Other commands learn its addresses from the folder, as long as it runs and no longer."""
    folder = FleetFolder(tmp_path)
    variables = {"REDIS_URL": "redis://127.0.0.1/0"}

    with folder.locked():
        folder.publish(variables)
        during = FleetFolder(tmp_path).running_fleet()
        mode = (tmp_path / "fleet.json").stat().st_mode
    after = FleetFolder(tmp_path).running_fleet()

    assert (during, after) == (variables, {})
    assert stat.S_IMODE(mode) == 0o600


def test_addresses_of_a_dead_fleet_are_not_used(tmp_path: Path) -> None:
    """A fleet that was killed leaves its file behind; without its lock it means nothing."""
    FleetFolder(tmp_path).publish({"REDIS_URL": "redis://127.0.0.1/0"})

    assert FleetFolder(tmp_path).running_fleet() == {}


def test_a_folder_that_never_was_has_no_fleet(tmp_path: Path) -> None:
    """Asking does not create it."""
    assert FleetFolder(tmp_path / "nowhere").running_fleet() == {}
    assert not (tmp_path / "nowhere").exists()


def test_what_cannot_be_a_folder_is_said(tmp_path: Path) -> None:
    """A file where the folder should be is named, with what may be done; asking finds nothing."""
    file = tmp_path / "file"
    file.touch()

    with (
        pytest.raises(FolderUnusable, match=rf"{file} cannot be the data folder .*: name another"),
        FleetFolder(file).locked(),
    ):
        pass

    assert FleetFolder(file).running_fleet() == {}
