"""What an engine may raise on purpose, sorted by what the reader of the error can do."""

from __future__ import annotations


class InvalidInput(ValueError):
    """The caller can mend it: a value the engine cannot work with.

    `field` is a dotted path in the words of the request (`scenario.frequency.low`), `expected` is
    a short text that completes "expected ..."; `received` is the value, or what is wrong with it.
    """

    def __init__(self, field: str, *, expected: str, received: object) -> None:
        self.field = field
        self.expected = expected
        self.received = received
        super().__init__(f"{field}: expected {expected}, received {received}")


class Unavailable(RuntimeError):
    """The caller can wait: something outside did not answer and may answer later."""


class Stopped(Exception):
    """Raised by a progress callback to end a run. An engine lets it pass."""
