"""Compare a caller's own answer, or the parts of it that were sent, with the result of a task.

A caller that moves a calculation here sends both for a while. What differs is told by path, in
the words of the wire: `gross.percentiles.3.value`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

MOST_KEPT = 100
"""Differences of one comparison that are kept, the farthest first."""
_MOST_SHOWN = 200
_NOWHERE = object()

Json: TypeAlias = bool | int | float | str | None
"""What a difference shows of a value; of a list or an object only how long it is."""


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How far two numbers may lie apart and still be the same; the wider bound holds."""

    relative: float = 0.0
    """As a share of the caller's number."""
    absolute: float = 0.0

    def distance(self, expected: float, received: float) -> float:
        """Give how far apart they are, in tolerances: up to 1 they agree. NaN agrees with none."""
        if expected == received:
            return 0.0
        try:
            gap = abs(float(expected) - float(received))
            allowed = max(self.absolute, self.relative * abs(expected))
        except OverflowError:  # an integer beyond all doubles
            return math.inf
        if not math.isfinite(gap):
            return math.inf
        return gap / allowed if allowed else math.inf


ROUNDING = Tolerance(relative=1e-9, absolute=1e-12)
"""For what is computed exactly, in another order or by another library."""


@dataclass(frozen=True, kw_only=True)
class Tolerances:
    """What counts as the same answer of a task.

    A pattern is a path in which `*` stands for one step and `**` for any number of them. Texts,
    truth values and null must be equal.
    """

    numbers: Tolerance = ROUNDING
    """For numbers that no pattern names."""
    at: Mapping[str, Tolerance] = field(default_factory=dict, hash=False)
    """Pattern -> tolerance; the first that fits counts."""
    ignored: tuple[str, ...] = ()
    """Patterns of what may differ as it likes, everything below included."""

    def of(self, path: str) -> Tolerance:
        """Give the tolerance for the number at `path`."""
        return next(
            (each for pattern, each in self.at.items() if _fits(pattern, path)), self.numbers
        )

    def ignores(self, path: str) -> bool:
        """Tell whether the value at `path` is not compared."""
        return any(_fits(pattern, path) for pattern in self.ignored)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A place where the answers disagree."""

    path: str
    expected: Json
    """The caller's."""
    received: Json
    """Ours."""
    distance: float | None
    """In tolerances, so more than 1; null where it is no matter of more or less."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What came of comparing two answers."""

    compared: int
    """Values that were looked at."""
    differences: tuple[Difference, ...]
    """The farthest first, at most `MOST_KEPT`."""

    @property
    def agrees(self) -> bool:
        """Whether all that was looked at is the same."""
        return not self.differences


def compare(expected: Any, received: Any, tolerances: Tolerances) -> Comparison:
    """Look up each value that the caller sent in the result. What the caller left out is not asked.

    Lists are compared by position, and must be of one length. Takes any JSON and does not raise.
    """
    found = list(_walk(expected, received, "", tolerances))
    differences = [each for each in found if each is not None]
    differences.sort(key=lambda each: -(math.inf if each.distance is None else each.distance))
    return Comparison(compared=len(found), differences=tuple(differences[:MOST_KEPT]))


def _walk(
    expected: Any, received: Any, path: str, tolerances: Tolerances
) -> Iterator[Difference | None]:
    """Give an item for each value that is compared: what is wrong with it, or none."""
    if path and tolerances.ignores(path):
        return
    match expected, received:
        case dict(), dict():
            for name, value in expected.items():
                yield from _walk(
                    value, received.get(name, _NOWHERE), _below(path, name), tolerances
                )
        case list(), list():
            lengths = len(expected), len(received)
            yield _judged(*lengths, _below(path, "length"), same=lengths[0] == lengths[1])
            if lengths[0] == lengths[1]:
                for at, pair in enumerate(zip(expected, received, strict=True)):
                    yield from _walk(*pair, _below(path, str(at)), tolerances)
        case _ if _is_number(expected) and _is_number(received):
            distance = tolerances.of(path).distance(expected, received)
            yield _judged(expected, received, path, same=distance <= 1, distance=distance)
        case _:
            same = type(expected) is type(received) and expected == received
            yield _judged(expected, received, path, same=same)


def _judged(
    expected: Any, received: Any, path: str, *, same: bool, distance: float = math.inf
) -> Difference | None:
    if same:
        return None
    return Difference(
        path=_clean(path),
        expected=_shown(expected),
        received=_shown(received),
        distance=distance if math.isfinite(distance) else None,
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _below(path: str, step: str) -> str:
    return f"{path}.{step}" if path else step


def _shown(value: Any) -> Json:
    match value:
        case dict():
            return f"(an object of {len(value)})"
        case list():
            return f"(a list of {len(value)})"
        case str():
            return _clean(value)
        case float() if not math.isfinite(value):
            return str(value)
        case None | bool() | int() | float():
            return value
        case _:
            return "(nothing)"


def _clean(text: str) -> str:
    """Shorten a text, and rid it of what Postgres cannot read in JSON."""
    short = text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."
    return short.replace("\0", "\ufffd").encode(errors="replace").decode()


@cache
def _fitting(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern)
    for glob, regex in (
        (r"\*\*\.", r"(?:.*\.)?"),
        (r"\.\*\*", r"(?:\..*)?"),
        (r"\*", r"[^.]+"),
    ):
        text = text.replace(glob, regex)
    return re.compile(text, re.DOTALL)


def _fits(pattern: str, path: str) -> bool:
    return _fitting(pattern).fullmatch(path) is not None
