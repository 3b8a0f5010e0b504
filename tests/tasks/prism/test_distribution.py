"""Distributions as callers write them: JSON in, and errors at the fields they wrote."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from engines.prism import distributions
from engines.prism.distributions import LARGEST
from tasks.payload import Payload
from tasks.prism.distribution import Constant, Distribution, Family

Wire = dict[str, Any]


class Leaf(Payload):
    """A request with a distribution, a list of them and one that may be left out."""

    loss: Distribution
    many: tuple[Distribution, ...] = ()
    maybe: Distribution | None = None


def read(loss: object, **others: object) -> Leaf:
    return Leaf.model_validate_json(json.dumps({"loss": loss, **others}))


ONE_OF_EACH: tuple[tuple[Wire, distributions.Distribution], ...] = (
    ({"distribution": "constant", "value": 3}, distributions.Constant(3)),
    ({"distribution": "pert", "low": 1, "mode": 2, "high": 5}, distributions.Pert(1, 2, 5)),
    (
        {
            "distribution": "pert",
            "low": 1,
            "mode": 2,
            "high": 5,
            "gamma": 6,
            "convention": "pyfair",
        },
        distributions.Pert(1, 2, 5, 6, "pyfair"),
    ),
    (
        {"distribution": "triangular", "low": 1, "mode": 2, "high": 5},
        distributions.Triangular(1, 2, 5),
    ),
    ({"distribution": "uniform", "low": 1, "high": 5}, distributions.Uniform(1, 5)),
    (
        {"distribution": "normal", "mean": -1, "standardDeviation": 2},
        distributions.Normal(-1, 2),
    ),
    (
        {"distribution": "normal", "mean": 4, "standardDeviation": 2, "low": 1, "high": 9},
        distributions.Normal(4, 2, 1, 9),
    ),
    (
        {"distribution": "lognormal", "low": 1, "high": 5},
        distributions.Lognormal.from_interval(1, 5),
    ),
    ({"distribution": "lognormal", "mu": -2, "sigma": 1.5}, distributions.Lognormal(-2, 1.5)),
    (
        {"distribution": "lognormal", "mean": 10, "standardDeviation": 20},
        distributions.Lognormal.from_moments(10, 20),
    ),
    ({"distribution": "gamma", "shape": 2, "scale": 50}, distributions.Gamma(2, 50)),
    ({"distribution": "beta", "alpha": 2, "beta": 5}, distributions.Beta(2, 5)),
    ({"distribution": "poisson", "rate": 2.5}, distributions.Poisson(2.5)),
    (
        {"distribution": "negativeBinomial", "mean": 2, "size": 0.5},
        distributions.NegativeBinomial(2, 0.5),
    ),
    (
        {"distribution": "binomial", "trials": 12, "probability": 0.25},
        distributions.Binomial(12, 0.25),
    ),
    (
        {"distribution": "generalisedPareto", "shape": 0.4, "scale": 10, "threshold": 7},
        distributions.GeneralisedPareto(0.4, 10, 7),
    ),
    (
        {"distribution": "empirical", "values": [3, 1, 2], "weights": [1, 1, 2]},
        distributions.Empirical((3, 1, 2), (1, 1, 2)),
    ),
)


@pytest.mark.parametrize(("wire", "engine"), ONE_OF_EACH, ids=lambda each: str(each)[:60])
def test_what_is_written_is_what_computes(wire: Wire, engine: distributions.Distribution) -> None:
    """And it reads back from what it is written as."""
    leaf = read(wire, many=[wire], maybe=wire)

    assert engine == leaf.loss.engine() == leaf.many[0].engine()
    assert leaf == Leaf.model_validate_json(leaf.model_dump_json())


def test_every_family_is_tried_above() -> None:
    """One that is added is added there too."""
    tags = {get_args(family.model_fields["distribution"].annotation)[0]
            for family in get_args(Family)}  # fmt: skip

    assert tags == {wire["distribution"] for wire, _ in ONE_OF_EACH}


@pytest.mark.parametrize("number", [0, 5, 2.5, LARGEST])
def test_a_number_is_a_constant(number: float) -> None:
    """Wherever a distribution may stand."""
    constant = Constant(distribution="constant", value=number)
    leaf = read(number, many=[number], maybe=number)

    assert (leaf.loss, leaf.many, leaf.maybe) == (constant, (constant,), constant)


def test_the_schema_offers_a_number_where_it_is_read_and_not_where_it_is_written() -> None:
    """By one name, so that clients have one type for it."""
    asked = Leaf.model_json_schema(mode="validation")
    told = Leaf.model_json_schema(mode="serialization")

    assert asked["properties"]["loss"] == told["properties"]["loss"]
    assert asked["$defs"]["Distribution"]["anyOf"][0] == {"type": "number"}
    assert len(asked["$defs"]["Distribution"]["anyOf"][1]["oneOf"]) == len(get_args(Family))
    assert "anyOf" not in told["$defs"]["Distribution"]


def pert(**changes: object) -> Wire:
    return {"distribution": "pert", "low": 1, "mode": 2, "high": 5} | changes


def lognormal(**fields: object) -> Wire:
    return {"distribution": "lognormal"} | fields


@pytest.mark.parametrize(
    ("wire", "path"),
    [
        ("12", "loss"),
        ([1], "loss"),
        (True, "loss"),
        (None, "loss"),
        (-1, "loss"),
        (1e16, "loss"),
        (float("nan"), "loss"),
        ({}, "loss"),
        ({"distribution": "cauchy"}, "loss"),
        (pert(mode=9), "loss.mode"),
        (pert(high="5"), "loss.high"),
        (pert(high=float("inf")), "loss.high"),
        (pert(median=3), "loss.median"),
        (pert(convention="excel"), "loss.convention"),
        (pert(convention="pyfair", gamma=0), "loss.gamma"),
        ({"distribution": "triangular", "low": 1, "mode": 9, "high": 5}, "loss.mode"),
        ({"distribution": "uniform", "low": 5, "high": 5}, "loss.high"),
        ({"distribution": "normal", "mean": 1, "standardDeviation": 0}, "loss.standardDeviation"),
        ({"distribution": "normal", "mean": -50, "standardDeviation": 1}, "loss.low"),
        (
            {"distribution": "normal", "mean": 9e14, "standardDeviation": 1e15},
            "loss.standardDeviation",
        ),
        ({"distribution": "gamma", "shape": 0, "scale": 1}, "loss.shape"),
        ({"distribution": "gamma", "shape": 1000, "scale": 1e13}, "loss.scale"),
        ({"distribution": "beta", "alpha": 1, "beta": 1, "low": 3, "high": 2}, "loss.high"),
        ({"distribution": "poisson", "rate": -1}, "loss.rate"),
        ({"distribution": "negativeBinomial", "mean": 1, "size": 0}, "loss.size"),
        ({"distribution": "binomial", "trials": 1.5, "probability": 1}, "loss.trials"),
        ({"distribution": "generalisedPareto", "shape": 1, "scale": 1}, "loss.shape"),
        ({"distribution": "empirical", "values": []}, "loss.values"),
        ({"distribution": "empirical", "values": [1, "2"]}, "loss.values.1"),
        ({"distribution": "empirical", "values": [1, 2], "weights": [1]}, "loss.weights"),
        ({"distribution": "empirical", "values": [1, 2], "weights": [0, 0]}, "loss.weights"),
    ],
)
def test_an_impossible_distribution_is_refused_at_the_field_that_was_written(
    wire: object, path: str
) -> None:
    """Once, and never at a name that the caller did not write."""
    with pytest.raises(ValidationError) as refusal:
        read(wire)

    assert [path] == [".".join(str(step) for step in one["loc"]) for one in refusal.value.errors()]


@pytest.mark.parametrize(
    ("wire", "path", "sentence"),
    [
        (lognormal(), "low", "low and high, or mu and sigma, or mean and standardDeviation"),
        (lognormal(high=2), "low", "this beside high"),
        (lognormal(mu=2), "sigma", "this beside mu"),
        (lognormal(mean=2), "standardDeviation", "this beside mean"),
        (lognormal(low=1, high=2, sigma=3), "sigma", "nothing beside low and high"),
        (
            lognormal(mu=1, standardDeviation=3),
            "standardDeviation",
            "nothing beside mu and sigma",
        ),
        (lognormal(low=2, high=1), "high", "more than low (2)"),
        (lognormal(mu=30, sigma=5), "sigma", "small enough for a mean of at most 1e+15"),
    ],
)
def test_a_lognormal_is_told_in_one_way(wire: Wire, path: str, sentence: str) -> None:
    """What is missing, or too much, is named."""
    with pytest.raises(ValidationError) as refusal:
        read(wire)

    (problem,) = refusal.value.errors()
    assert (problem["loc"], problem["msg"]) == (("loss", path), sentence)


def test_every_distribution_at_fault_is_named() -> None:
    """In lists by its place."""
    with pytest.raises(ValidationError) as refusal:
        read(pert(mode=9), many=[1, "2", lognormal()], maybe=-1)

    assert [problem["loc"] for problem in refusal.value.errors()] == [
        ("loss", "mode"), ("many", 1), ("many", 2, "low"), ("maybe",),
    ]  # fmt: skip
