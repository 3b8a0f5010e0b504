"""The tasks that a command line may name."""

from __future__ import annotations

from tasks.declaration import Declaration
from workers.cli.failure import CommandMisused


def declared(name: str) -> Declaration:
    """Give a task's declaration, or raise `CommandMisused` with the names there are."""
    # Here, because the catalogue loads NumPy and numba, and most commands need neither.
    from tasks.catalogue import by_name

    tasks = by_name()
    if name not in tasks:
        raise CommandMisused(f"no task is called {name}; there are {', '.join(sorted(tasks))}")
    return tasks[name]
