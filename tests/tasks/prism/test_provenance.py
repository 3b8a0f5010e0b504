"""Every result of PRISM says what its numbers depend on, in the same words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import scipy

from engines.progress import unreported
from queues.request_hash import canonical_sha256
from tasks.catalogue import CATALOGUE
from tasks.declaration import Declaration
from tasks.prism.fit_distribution import fit_distribution
from tasks.prism.fit_request import FitDistributionRequest
from tasks.prism.provenance import Provenance

PRISM = [declaration for declaration in CATALOGUE if declaration.name.startswith("prism.")]
POINTS = {"name": "Cost", "evidence": {"given": "threePoints", "low": 1, "mode": 2, "high": 5}}


def provenance(wire: dict[str, Any], seed: int | None = None) -> Provenance:
    """Give the provenance of a result of this request."""
    request = FitDistributionRequest.model_validate_json(json.dumps(wire))
    return Provenance.of(request, engine="prism.fitting", engine_version="7", seed=seed)


@pytest.mark.parametrize("declaration", PRISM, ids=lambda each: each.name)
def test_every_result_has_a_provenance(declaration: Declaration) -> None:
    """Of the same fields, with those of the task behind them."""
    kind = declaration.result.model_fields["provenance"].annotation

    assert isinstance(kind, type)
    assert issubclass(kind, Provenance)
    assert list(kind.model_fields)[: len(Provenance.model_fields)] == list(Provenance.model_fields)


def test_the_request_is_hashed_with_its_defaults() -> None:
    """So a default written out is the same request, and another name is another one."""
    written_out = POINTS | {"families": None}

    assert provenance(POINTS) == provenance(written_out)
    assert provenance(POINTS) != provenance(POINTS | {"name": "Other"})


def test_the_hash_can_be_had_by_anyone() -> None:
    """SHA-256 of the request's canonical JSON."""
    request = FitDistributionRequest.model_validate_json(json.dumps(POINTS))
    wire = json.loads(request.model_dump_json())

    assert provenance(POINTS).request_sha256 == canonical_sha256(wire)


def test_the_libraries_are_those_that_computed() -> None:
    """By their own word."""
    written = provenance(POINTS)

    assert (np.__version__, scipy.__version__) == (written.numpy_version, written.scipy_version)


def test_what_draws_nothing_has_no_seed(artifacts: object) -> None:
    """Three points need no draw; a bootstrap does."""
    points = FitDistributionRequest.model_validate_json(json.dumps(POINTS))
    evidence = {"given": "observations", "kind": "amounts", "values": [*range(1, 13)], "seed": 9}
    data = points.model_validate_json(json.dumps({"name": "Cost", "evidence": evidence}))
    drawn = [
        fit_distribution(request, progress=unreported, artifacts=artifacts)
        for request in (points, data)
    ]

    assert [result.model_dump()["provenance"]["seed"] for result in drawn] == [None, 9]
