"""Every task the fleet knows. A task that is not here does not exist."""

from __future__ import annotations

from tasks.declaration import Declaration
from tasks.fleet.echo import echo
from tasks.prism.simulate_scenario import simulate_scenario

CATALOGUE: tuple[Declaration, ...] = (echo, simulate_scenario)


def by_name() -> dict[str, Declaration]:
    """Give the catalogue as name -> declaration."""
    return {declaration.name: declaration for declaration in CATALOGUE}
