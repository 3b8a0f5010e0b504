"""An answer agrees with itself, whatever it is; what is beyond its tolerance is found and named."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from tasks.shadow import MOST_KEPT, ROUNDING, Comparison, Tolerance, Tolerances, compare

EXACT = Tolerances(numbers=Tolerance())
NAMES = st.text(min_size=1, max_size=6)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4)
)
OBJECTS = st.dictionaries(NAMES, JSON, max_size=5)
WORDS = st.text(st.characters(categories=["Ll"]), min_size=1, max_size=4)


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of an answer that hold no others."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, (*path, name))
    elif isinstance(value, list):
        for at, below in enumerate(value):
            yield from _leaves(below, (*path, at))
    else:
        yield path


def _changed(value: Any, path: tuple[str | int, ...], to: Any) -> Any:
    changed = copy.deepcopy(value)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return changed


def _paths(comparison: Comparison) -> list[str]:
    return [difference.path for difference in comparison.differences]


@given(OBJECTS)
def test_an_answer_agrees_with_itself(answer: Any) -> None:
    """Without any tolerance, and through JSON and back."""
    comparison = compare(answer, json.loads(json.dumps(answer)), EXACT)

    assert comparison.agrees
    assert comparison.compared >= len(list(_leaves(answer)))


@given(OBJECTS, st.data())
def test_a_part_of_an_answer_agrees(answer: Any, data: st.DataObject) -> None:
    """What the caller leaves out of an object is not asked for."""
    kept = data.draw(st.sets(st.sampled_from(sorted(answer)))) if answer else set()
    part = {name: answer[name] for name in kept}

    assert compare(part, answer, EXACT).agrees


@given(st.dictionaries(WORDS, JSON, min_size=1, max_size=4), st.data())
def test_any_change_is_found_where_it_is(answer: Any, data: st.DataObject) -> None:
    """One value changed is one difference, and its path leads there."""
    places = list(_leaves(answer))
    assume(places)
    path = data.draw(st.sampled_from(places))
    there: Any = answer
    for step in path:
        there = there[step]
    to = data.draw(LEAVES)
    assume(type(to) is not type(there) or to != there)
    assume(not (_is_number(to) and _is_number(there) and to == there))

    comparison = compare(answer, _changed(answer, path, to), EXACT)

    assert _paths(comparison) == [_clean(".".join(map(str, path)))]


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _clean(path: str) -> str:
    return path.replace("\0", "\ufffd").encode(errors="replace").decode()


@given(
    st.floats(-1e12, 1e12).filter(bool),
    st.floats(1e-6, 0.5),
    st.floats(-0.999, 0.999),
    st.floats(1.001, 100),
)
def test_the_relative_bound(number: float, bound: float, within: float, beyond: float) -> None:
    """A number within its share of the caller's agrees; one beyond differs by as much as it is."""
    tolerances = Tolerances(at={"a.*.x": Tolerance(relative=bound)}, numbers=Tolerance())
    step = bound * abs(number)

    def answer(value: float) -> Any:
        return {"a": [{"x": value}]}

    assert compare(answer(number), answer(number + within * step), tolerances).agrees
    [found] = compare(answer(number), answer(number + beyond * step), tolerances).differences
    assert found.path == "a.0.x"
    assert found.distance == pytest.approx(beyond, rel=1e-6)


def test_the_wider_bound_holds() -> None:
    """Near zero an absolute bound counts, where a relative one would ask for equality."""
    tolerance = Tolerance(relative=0.01, absolute=0.5)

    assert tolerance.distance(0, 0.4) == pytest.approx(0.8)
    assert tolerance.distance(1000, 1005) == pytest.approx(0.5)
    assert tolerance.distance(1, 2) == pytest.approx(2)


@given(JSON, JSON)
def test_no_json_is_too_much(expected: Any, received: Any) -> None:
    """Whatever is compared, the outcome is JSON that Postgres can read."""
    for difference in compare(expected, received, Tolerances()).differences:
        text = json.dumps(vars(difference), allow_nan=False)
        assert "\\u0000" not in text
        text.encode()
        assert difference.distance is None or difference.distance > 1


@pytest.mark.parametrize(
    ("expected", "received"),
    [
        (math.nan, math.nan),
        (1, math.nan),
        (math.inf, 1.0),
        (10**400, 1.0),
        (1, True),
        (0, False),
        (0, None),
        ("1", 1),
        (None, {}),
        ({}, []),
    ],
)
def test_unlike_things_differ(expected: Any, received: Any) -> None:
    """NaN is no answer, a truth value no number, and nothing stands for nothing else."""
    wide = Tolerances(numbers=Tolerance(relative=10, absolute=1e9))

    [found] = compare({"x": expected}, {"x": received}, wide).differences

    assert (found.path, found.distance) == ("x", None)


def test_lists_of_other_lengths() -> None:
    """Places in lists of other lengths do not belong together: the length is what differs."""
    [found] = compare({"p": [1, 2, 3]}, {"p": [1, 2]}, EXACT).differences

    assert (found.path, found.expected, found.received) == ("p.length", 3, 2)


def test_what_the_result_does_not_have() -> None:
    """A field that the caller has and the result has not is a difference, not an oversight."""
    [found] = compare({"a": {"b": [1]}}, {"a": {}}, EXACT).differences

    assert (found.path, found.expected, found.received) == ("a.b", "(a list of 1)", "(nothing)")


def test_the_farthest_are_kept() -> None:
    """Of many differences a hundred are kept, what is no matter of degree before the rest."""
    expected = {f"n{at}": 1.0 for at in range(300)} | {"text": "a"}
    received = {f"n{at}": 2.0 + at for at in range(300)} | {"text": "b"}

    comparison = compare(expected, received, Tolerances(numbers=Tolerance(absolute=1)))

    assert comparison.compared == 301
    assert len(comparison.differences) == MOST_KEPT
    assert _paths(comparison)[:3] == ["text", "n299", "n298"]


def test_what_is_ignored_is_not_counted() -> None:
    """An ignored place takes everything below it along."""
    tolerances = Tolerances(ignored=("**.lower", "provenance"))
    expected = {"gross": {"mean": {"value": 1, "lower": 0}}, "provenance": {"seed": 1}}
    received = {"gross": {"mean": {"value": 1, "lower": 9}}, "provenance": {"seed": 2}}

    comparison = compare(expected, received, tolerances)

    assert (comparison.compared, comparison.agrees) == (1, True)


def _places(schema: dict[str, Any], definitions: dict[str, Any], depth: int = 0) -> set[str]:
    """Every path in a schema, `0` for an item of a list."""
    if depth > 12:
        return set()
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    found: set[str] = set()
    for part in [*schema.get("anyOf", []), *schema.get("oneOf", [])]:
        found |= _places(part, definitions, depth)
    below = dict(schema.get("properties", {}))
    items = [schema["items"]] if isinstance(schema.get("items"), dict) else []
    for item in [*items, *schema.get("prefixItems", [])]:
        below["0"] = item
    for name, part in below.items():
        found.add(name)
        found |= {f"{name}.{rest}" for rest in _places(part, definitions, depth + 1)}
    return found


@pytest.mark.parametrize("declaration", CATALOGUE, ids=lambda each: each.name)
def test_every_pattern_names_a_place(declaration: Declaration) -> None:
    """A tolerance for something that no result has would be a spelling mistake."""
    schema = declaration.result.model_json_schema(mode="serialization")
    places = _places(schema, schema.get("$defs", {}))
    tolerances = declaration.shadow

    for pattern, tolerance in tolerances.at.items():
        alone = Tolerances(numbers=ROUNDING, at={pattern: tolerance})
        assert any(alone.of(place) is tolerance for place in places), pattern
    for pattern in tolerances.ignored:
        assert any(Tolerances(ignored=(pattern,)).ignores(place) for place in places), pattern
