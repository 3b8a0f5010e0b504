"""What the numbers of a PRISM result depend on, so that they can be had again."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from engines.prism.library_versions import NUMPY_VERSION, SCIPY_VERSION
from queues.request_hash import canonical_sha256
from tasks.payload import Count, Payload

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Provenance(Payload):
    """What the numbers depend on."""

    request_sha256: Sha256
    """Of the request as canonical JSON (RFC 8785), defaults written out."""
    engine: str
    """Whose computation it is: `prism.drivers`."""
    engine_version: str
    """Changes whenever the numbers of a request do."""
    numpy_version: str
    """Of the library of arrays."""
    scipy_version: str
    """Of the library of special functions, searches and Fourier transforms."""
    seed: Count | None
    """As in the request; null where nothing is drawn."""

    @classmethod
    def of(
        cls,
        request: Payload,
        *,
        engine: str,
        engine_version: str,
        seed: int | None,
        **of_this_task: int | str | None,
    ) -> Self:
        """Give the provenance of a result, with what a subclass adds in `of_this_task`."""
        return cls.model_validate(
            {
                "request_sha256": canonical_sha256(request.model_dump(mode="json")),
                "engine": engine,
                "engine_version": engine_version,
                "numpy_version": NUMPY_VERSION,
                "scipy_version": SCIPY_VERSION,
                "seed": seed,
                **of_this_task,
            }
        )
