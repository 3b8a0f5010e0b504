"""Get the machine ready for tasks before the first job: compile, or load from disk."""

from __future__ import annotations

from queues.names import Queue
from tasks.catalogue import CATALOGUE


def warm_up(*queues: str) -> None:
    """Do once what the tasks of some queues want done, each thing once."""
    wanted = {
        declaration.warm_up: None
        for declaration in CATALOGUE
        if {declaration.queue, *declaration.also_on} & set(queues or Queue)
    }
    for each in wanted:
        if each is not None:
            each()
