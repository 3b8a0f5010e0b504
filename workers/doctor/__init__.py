"""Look at a machine and the fleet it can reach, and say what is wrong and how to mend it."""

from __future__ import annotations

from config.environment import ConfigurationError, read
from config.fleet import FleetSettings
from workers.doctor import machine, packages, services
from workers.doctor.finding import Finding, Grade
from workers.supervisor.fleet_folder import FleetFolder

__all__ = ["Finding", "Grade", "examine"]


def examine() -> list[Finding]:
    """Look at everything. What cannot be looked at is a finding too; nothing is raised."""
    try:
        folder = FleetFolder(read(FleetSettings).data)
    except ConfigurationError as error:
        return [Finding("settings", Grade.WRONG, str(error), "see .env.example")]
    return [
        machine.python(),
        machine.node(),
        machine.disk(folder.path),
        machine.memory(),
        *packages.examine(),
        *services.examine(folder),
    ]
