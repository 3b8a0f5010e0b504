"""Equal work has equal hashes, in every language; the canonical form is RFC 8785's."""

from __future__ import annotations

import csv
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queues.request_hash import Unhashable, request_hash

NUMBERS = Path(__file__).parents[1] / "reference" / "rfc8785" / "numbers.csv"

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abé😀"), inner),
    max_leaves=20,
)


def _hash(request: Any) -> str:
    return request_hash(task="t", tenant="x", request=request)


def _hash_of_canonical(request: str) -> str:
    """What the hash must be if `request` is the canonical form of the request."""
    whole = f'{{"request":{request},"task":"t","tenant":"x"}}'
    return hashlib.sha256(whole.encode()).hexdigest()


def _numbers() -> list[dict[str, str]]:
    with NUMBERS.open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", _numbers(), ids=lambda row: row["ieee754"])
def test_a_number_is_written_as_published(row: dict[str, str]) -> None:
    """RFC 8785, Appendix B."""
    [number] = struct.unpack(">d", bytes.fromhex(row["ieee754"]))

    assert _hash(number) == _hash_of_canonical(row["json"])


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000"])
def test_what_is_no_number_has_no_form(bits: str) -> None:
    """RFC 8785, Appendix B: NaN and Infinity are errors."""
    [number] = struct.unpack(">d", bytes.fromhex(bits))

    with pytest.raises(Unhashable):
        _hash({"rate": number})


def test_the_published_example() -> None:
    """RFC 8785, 3.2.2 and 3.2.3: literals, escapes, numbers and the order of names."""
    sample = json.loads(
        r"""{
          "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
          "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
          "literals": [null, true, false]
        }"""
    )

    assert _hash(sample) == _hash_of_canonical(
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        r""""string":"€$\u000f\nA'B\"\\\\\"/"}"""
    )


def test_names_are_sorted_by_their_utf16_units() -> None:
    """RFC 8785, 3.2.3: the published order, in which an emoji comes before a Hebrew letter."""
    sample = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    assert _hash(sample) == _hash_of_canonical(
        '{"\\r":"Carriage Return","1":"One","\u0080":"Control",'
        '"\u00f6":"Latin Small Letter O With Diaeresis","\u20ac":"Euro Sign",'
        '"\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
    )


@given(JSON_VALUES)
def test_order_and_spelling_do_not_matter(request: Any) -> None:
    """A request read again from JSON with its names turned round is the same request."""

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: turned(value[name]) for name in reversed(value)}
        return [turned(item) for item in value] if isinstance(value, list) else value

    assert _hash(request) == _hash(json.loads(json.dumps(turned(request), indent=2)))


@pytest.mark.parametrize("number", [0, 1, -7, 2**53 - 1, 2**53, 2**60 + 1, 10**22, -(10**300)])
def test_a_number_is_the_double_that_javascript_reads(number: int) -> None:
    """1 and 1.0 are one number, and a long integer is the double nearest to it."""
    assert _hash({"n": [number]}) == _hash({"n": [float(number)]})


def test_one_long_integer_does_not_change_its_neighbours() -> None:
    """True stays true and text stays text beside an integer beyond 2^53."""
    assert _hash([2**60, True, "1", None, 0.5]) == _hash_of_canonical(
        '[1152921504606847000,true,"1",null,0.5]'
    )


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param("\ud800", id="half a surrogate pair"),
        pytest.param({"\udfff": 1}, id="half a pair as a name"),
        pytest.param({"a": [2**60, "\ud800"]}, id="beside a long integer"),
        pytest.param([10**400], id="an integer beyond every double"),
    ],
)
def test_what_has_no_canonical_form_is_refused(request_: Any) -> None:
    """What JavaScript could not have sent has no hash, and says so in one way."""
    with pytest.raises(Unhashable):
        _hash(request_)


def test_task_and_tenant_are_part_of_the_work() -> None:
    """The same request of another task, or of another tenant, is other work."""
    hashes = {
        request_hash(task=task, tenant=tenant, request={}) for task in "ab" for tenant in "ab"
    }

    assert len(hashes) == 4
